import { startFakeVendor, type FakeAnswer, type FakeRequest, type FakeVendor } from './fake-vendor.js';
import {
  hashOf,
  refuseUpsert,
  schemaRefusal,
  shown,
  tagged,
  upsert,
  type Audience,
  type FakeMember,
} from './mailchimp-audience.js';
import { batchSubscribe } from './mailchimp-batch.js';
import {
  memberEventErrors,
  newAudienceFields,
  problem,
  tagErrors,
  type MergeField,
} from './mailchimp-rules.js';
import { basicCredentials, isFields, type Fields } from './shapes.js';

export type { FakeMember } from './mailchimp-audience.js';

export interface FakeMailchimpOptions {
  readonly apiKey: string;
  readonly audienceId: string;
  /** Merge tags of the audience and their types. Default: those of a new audience. */
  readonly mergeFields?: Readonly<Record<string, MergeField>>;
  /** Domains that "look fake or invalid". Default `example.com` and `gmil.com`. */
  readonly fakeDomains?: readonly string[];
  /** Addresses that may not be subscribed again: unsubscribed, bounced or under review. */
  readonly inCompliance?: readonly string[];
  /** Addresses that were deleted for good. */
  readonly forgotten?: readonly string[];
  /** Addresses that signed up to a lot of lists very recently. */
  readonly busy?: readonly string[];
}

/** Mailchimp's Marketing API v3 for the members of one audience, refusing what the vendor refuses. */
export interface FakeMailchimp extends FakeVendor {
  /** Bodies of the upserts that were taken, in order; of a batch, its members. */
  readonly accepted: readonly Fields[];
  /** Member events that were taken. */
  readonly events: readonly Fields[];
  /** The most requests that were open at once. */
  readonly mostOpen: number;
  /** A member as it is now. */
  member(address: string): FakeMember | undefined;
  /** Puts a member there, as if somebody else had. */
  addMember(member: { readonly email: string; readonly status: string; readonly mergeFields?: Fields }): void;
}

const notFound = problem(404, 'Resource Not Found', 'The requested resource could not be found.');
const notAllowed = problem(405, 'Method Not Allowed', 'The requested method is not allowed.');
const badJson = problem(400, 'JSON Parse Error', 'We encountered an unspecified JSON parsing error.');
/** destinations 2.2: simultaneous connections of one key. */
const maxConnections = 10;

export async function startFakeMailchimp(o: FakeMailchimpOptions): Promise<FakeMailchimp> {
  let key = o.apiKey;
  let mostOpen = 0;
  const audience: Audience = {
    audienceId: o.audienceId,
    mergeFields: o.mergeFields ?? newAudienceFields,
    fakeDomains: o.fakeDomains ?? ['example.com', 'gmil.com'],
    inCompliance: o.inCompliance ?? [],
    forgotten: o.forgotten ?? [],
    busy: o.busy ?? [],
    members: new Map(),
  };
  const accepted: Fields[] = [];
  const events: Fields[] = [];

  const vendor = await startFakeVendor((request, open) => {
    mostOpen = Math.max(mostOpen, open);
    const refused = refuseAccess(request, key, open);
    if (refused) return refused;
    // destinations 2.1: a call that changes nothing
    if (request.path === '/3.0/ping') return { status: 200, body: { health_status: "Everything's Chimpy!" } };
    const [, list, rest] = /^\/3\.0\/lists\/([^/]+)(\/.*)?$/.exec(request.path) ?? [];
    // destinations 2.3: 404 on the audience
    if (list !== audience.audienceId) return notFound;
    if (rest === undefined) return onAudience(audience, request, accepted);
    const [, hash, part] = /^\/members\/([^/]+)(?:\/(events|tags))?$/.exec(rest) ?? [];
    if (hash === undefined) return notFound;
    return part === undefined
      ? onMember(audience, hash, request, accepted)
      : onSubresource(audience, hash, part, request, events);
  });

  return {
    ...vendor,
    accepted,
    events,
    get mostOpen() {
      return mostOpen;
    },
    setKey: (next) => void (key = next),
    member: (address) => audience.members.get(hashOf(address)),
    addMember: ({ email, status, mergeFields = {} }) =>
      void audience.members.set(hashOf(email), { email, status, mergeFields, tags: [] }),
  };
}

function onAudience(audience: Audience, request: FakeRequest, accepted: Fields[]): FakeAnswer {
  if (request.method === 'GET')
    return { status: 200, body: { id: audience.audienceId, name: 'Fake audience', double_optin: false } };
  if (request.method !== 'POST') return notAllowed;
  if (!isFields(request.body)) return badJson;
  return batchSubscribe(audience, request.body, request.query, (member) => accepted.push(member));
}

function onMember(audience: Audience, hash: string, request: FakeRequest, accepted: Fields[]): FakeAnswer {
  if (request.method === 'GET') {
    const known = audience.members.get(hash);
    return known ? { status: 200, body: shown(known) } : notFound;
  }
  // destinations 2.3: 405
  if (request.method !== 'PUT') return notAllowed;
  if (!isFields(request.body)) return badJson;
  const refused = refuseUpsert(audience, hash, request.body, request.query);
  if (refused) return refused;
  accepted.push(request.body);
  return { status: 200, body: shown(upsert(audience, hash, request.body)) };
}

function onSubresource(
  { members }: Audience,
  hash: string,
  part: string,
  request: FakeRequest,
  events: Fields[],
): FakeAnswer {
  const member = members.get(hash);
  // destinations 2.1: the member must exist
  if (!member) return notFound;
  if (!isFields(request.body)) return badJson;
  const refused = schemaRefusal(
    part === 'events' ? memberEventErrors(request.body) : tagErrors(request.body),
  );
  if (refused) return refused;
  if (part === 'events') events.push({ email_address: member.email, ...request.body });
  else members.set(hash, tagged(member, request.body['tags'] as readonly Fields[]));
  return { status: 204 };
}

function refuseAccess(request: FakeRequest, key: string, open: number): FakeAnswer | undefined {
  // destinations 2.2: the 11th simultaneous connection
  if (open > maxConnections)
    return problem(429, 'Too Many Requests', 'You have exceeded the limit of 10 simultaneous connections.');
  // destinations 2.1: Basic, any user name, the key as password; 2.3: the two 401
  const credentials = basicCredentials(request.headers.authorization);
  if (!credentials) return problem(401, 'API Key Missing', 'Your request did not include an API key.');
  if (credentials.password !== key)
    return problem(
      401,
      'API Key Invalid',
      "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
    );
  return undefined;
}

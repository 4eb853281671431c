import { createHash } from 'node:crypto';
import { startFakeVendor, type FakeAnswer, type FakeRequest, type FakeVendor } from './fake-vendor.js';
import {
  memberEventErrors,
  mergeFieldErrors,
  newAudienceFields,
  problem,
  schemaErrors,
  tagErrors,
  type FieldError,
  type MergeField,
} from './mailchimp-rules.js';
import { basicCredentials, fieldsOf, isFields, type Fields } from './shapes.js';

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

export interface FakeMember {
  readonly email: string;
  readonly status: string;
  readonly mergeFields: Fields;
  readonly tags: readonly string[];
}

/** Mailchimp's Marketing API v3 for the members of one audience, refusing what the vendor refuses. */
export interface FakeMailchimp extends FakeVendor {
  /** Bodies of the upserts that were taken, in order. */
  readonly accepted: readonly Fields[];
  /** Member events that were taken. */
  readonly events: readonly Fields[];
  /** A member as it is now. */
  member(address: string): FakeMember | undefined;
  /** Puts a member there, as if somebody else had. */
  addMember(member: { readonly email: string; readonly status: string; readonly mergeFields?: Fields }): void;
}

interface Audience extends Required<Omit<FakeMailchimpOptions, 'apiKey'>> {
  readonly members: Map<string, FakeMember>;
}

/** destinations 2.1: md5 of the lower-case address. */
const hashOf = (address: string): string => createHash('md5').update(address.toLowerCase()).digest('hex');
const includes = (list: readonly string[], address: string): boolean => list.includes(address.toLowerCase());
const invalidResource = (detail: string, errors?: readonly FieldError[]): FakeAnswer =>
  problem(400, 'Invalid Resource', detail, errors);
const schemaRefusal = (errors: readonly FieldError[]): FakeAnswer | undefined =>
  errors.length > 0
    ? invalidResource(
        "The resource submitted could not be validated. For field-specific details, see the 'errors' array.",
        errors,
      )
    : undefined;
const notFound = problem(404, 'Resource Not Found', 'The requested resource could not be found.');
/** destinations 2.2: simultaneous connections of one key. */
const maxConnections = 10;

export async function startFakeMailchimp(o: FakeMailchimpOptions): Promise<FakeMailchimp> {
  let key = o.apiKey;
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

  const onMember = (hash: string, request: FakeRequest): FakeAnswer => {
    if (request.method === 'GET') return member200(audience.members.get(hash));
    // destinations 2.3: 405
    if (request.method !== 'PUT')
      return problem(405, 'Method Not Allowed', 'The requested method is not allowed.');
    if (!isFields(request.body)) return badJson;
    const refused = refuseUpsert(audience, hash, request.body, request.query);
    if (refused) return refused;
    accepted.push(request.body);
    return member200(upsert(audience, hash, request.body));
  };

  const onSubresource = (hash: string, part: string, request: FakeRequest): FakeAnswer => {
    const member = audience.members.get(hash);
    // destinations 2.1: the member must exist
    if (!member) return notFound;
    if (!isFields(request.body)) return badJson;
    const refused = schemaRefusal(
      part === 'events' ? memberEventErrors(request.body) : tagErrors(request.body),
    );
    if (refused) return refused;
    if (part === 'events') events.push({ email_address: member.email, ...request.body });
    else
      audience.members.set(hash, {
        ...member,
        tags: applyTags(member.tags, request.body['tags'] as readonly Fields[]),
      });
    return { status: 204 };
  };

  const vendor = await startFakeVendor((request, open) => {
    const refused = refuseAccess(request, key, open);
    if (refused) return refused;
    const [, list, rest] = /^\/3\.0\/lists\/([^/]+)(\/.*)?$/.exec(request.path) ?? [];
    // destinations 2.3: 404 on the audience
    if (list !== audience.audienceId) return notFound;
    if (rest === undefined)
      return { status: 200, body: { id: list, name: 'Fake audience', double_optin: false } };
    const [, hash, part] = /^\/members\/([^/]+)(?:\/(events|tags))?$/.exec(rest) ?? [];
    if (hash === undefined) return notFound;
    return part === undefined ? onMember(hash, request) : onSubresource(hash, part, request);
  });

  return {
    ...vendor,
    accepted,
    events,
    setKey: (next) => void (key = next),
    member: (address) => audience.members.get(hashOf(address)),
    addMember: ({ email, status, mergeFields = {} }) =>
      void audience.members.set(hashOf(email), { email, status, mergeFields, tags: [] }),
  };
}

const badJson = problem(400, 'JSON Parse Error', 'We encountered an unspecified JSON parsing error.');

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

function refuseUpsert(
  audience: Audience,
  hash: string,
  body: Fields,
  query: URLSearchParams,
): FakeAnswer | undefined {
  const schema = schemaRefusal(schemaErrors(body));
  if (schema) return schema;
  const address = String(body['email_address']);
  const known = audience.members.get(hash);
  // destinations 2.1: status_if_new is what makes a new member; 2.4: known members keep their status without it
  if (!known && body['status_if_new'] === undefined)
    return schemaRefusal([
      { field: 'status_if_new', message: 'Required fields were not provided: status_if_new' },
    ]);
  return (
    refuseAddress(audience, address) ??
    refuseHash(audience, hash, address) ??
    refuseStatus(audience, address, String(known ? body['status'] : body['status_if_new'])) ??
    refuseMergeFields(audience, fieldsOf(body['merge_fields']), query)
  );
}

function refuseAddress({ fakeDomains, forgotten, busy }: Audience, address: string): FakeAnswer | undefined {
  const domain = /^[^\s@]+@([^\s@]+\.[^\s@]+)$/.exec(address)?.[1];
  // destinations 2.3: the four refusals of an address
  if (domain === undefined) return invalidResource('Please provide a valid email address.');
  if (includes(fakeDomains, domain))
    return invalidResource(`${address} looks fake or invalid, please enter a real email address.`);
  if (includes(forgotten, address))
    return problem(
      400,
      'Forgotten Email Not Subscribed',
      `${address} was permanently deleted and cannot be re-imported.`,
    );
  if (includes(busy, address))
    return invalidResource(
      `${address} has signed up to a lot of lists very recently; we're not allowing more signups for now`,
    );
  return undefined;
}

/** destinations 2.1: a hash that is not the one of the address. A known one with a new address is a move (2.5). */
function refuseHash({ members }: Audience, hash: string, address: string): FakeAnswer | undefined {
  if (hash === hashOf(address)) return undefined;
  if (members.has(hashOf(address)))
    return problem(400, 'Member Exists', `${address} is already a list member.`);
  return members.has(hash)
    ? undefined
    : invalidResource('The subscriber hash does not match the email address.');
}

/** destinations 2.3: Member In Compliance State; `pending` is the only way back. */
function refuseStatus({ inCompliance }: Audience, address: string, status: string): FakeAnswer | undefined {
  return includes(inCompliance, address) && status === 'subscribed'
    ? problem(
        400,
        'Member In Compliance State',
        `${address} is in a compliance state due to unsubscribe, bounce, or compliance review and cannot be subscribed.`,
      )
    : undefined;
}

function refuseMergeFields(
  audience: Audience,
  values: Fields,
  query: URLSearchParams,
): FakeAnswer | undefined {
  const errors = mergeFieldErrors(values, audience.mergeFields, {
    skipRequired: query.get('skip_merge_validation') === 'true',
  });
  return errors.length > 0 ? invalidResource('Your merge fields were invalid.', errors) : undefined;
}

function upsert({ members, mergeFields }: Audience, hash: string, body: Fields): FakeMember {
  const known = members.get(hash);
  const email = String(body['email_address']);
  const values = Object.entries(fieldsOf(body['merge_fields'])).filter(([tag]) => tag in mergeFields);
  const member: FakeMember = {
    email,
    // destinations 2.4: new: status_if_new; known: untouched unless `status` is given
    status: String(known ? (body['status'] ?? known.status) : body['status_if_new']),
    mergeFields: { ...known?.mergeFields, ...Object.fromEntries(values) },
    tags: known?.tags ?? [],
  };
  members.delete(hash);
  members.set(hashOf(email), member);
  return member;
}

function member200(member: FakeMember | undefined): FakeAnswer {
  if (!member) return notFound;
  const { email, status, mergeFields, tags } = member;
  return {
    status: 200,
    body: {
      id: hashOf(email),
      email_address: email,
      status,
      merge_fields: mergeFields,
      tags: tags.map((name) => ({ name })),
    },
  };
}

function applyTags(before: readonly string[], changes: readonly Fields[]): string[] {
  const after = new Set(before);
  for (const { name, status } of changes) {
    if (status === 'active') after.add(String(name));
    else after.delete(String(name));
  }
  return [...after];
}

import { createHash } from 'node:crypto';
import type { FakeAnswer } from './fake-vendor.js';
import {
  mergeFieldErrors,
  problem,
  schemaErrors,
  type FieldError,
  type MergeField,
} from './mailchimp-rules.js';
import { fieldsOf, type Fields } from './shapes.js';

export interface FakeMember {
  readonly email: string;
  readonly status: string;
  readonly mergeFields: Fields;
  readonly tags: readonly string[];
  readonly language?: string;
  readonly ipSignup?: string;
}

/** One audience: its members and whom it refuses. */
export interface Audience {
  readonly audienceId: string;
  readonly mergeFields: Readonly<Record<string, MergeField>>;
  readonly fakeDomains: readonly string[];
  readonly inCompliance: readonly string[];
  readonly forgotten: readonly string[];
  readonly busy: readonly string[];
  /** By the hash of the address. */
  readonly members: Map<string, FakeMember>;
}

/** destinations 2.1: md5 of the lower-case address. */
export const hashOf = (address: string): string =>
  createHash('md5').update(address.toLowerCase()).digest('hex');
const includes = (list: readonly string[], address: string): boolean => list.includes(address.toLowerCase());

const invalidResource = (detail: string, errors?: readonly FieldError[]): FakeAnswer =>
  problem(400, 'Invalid Resource', detail, errors);

export const schemaRefusal = (errors: readonly FieldError[]): FakeAnswer | undefined =>
  errors.length > 0
    ? invalidResource(
        "The resource submitted could not be validated. For field-specific details, see the 'errors' array.",
        errors,
      )
    : undefined;

/** What an upsert of the member with this hash is refused for. */
export function refuseUpsert(
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

export function refuseAddress(
  { fakeDomains, forgotten, busy }: Audience,
  address: string,
): FakeAnswer | undefined {
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
export function refuseStatus(
  { inCompliance }: Audience,
  address: string,
  status: string,
): FakeAnswer | undefined {
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

/** Writes what was not refused. */
export function upsert(audience: Audience, hash: string, body: Fields): FakeMember {
  const known = audience.members.get(hash);
  // destinations 2.4: new: status_if_new; known: untouched unless `status` is given
  const status = String(known ? (body['status'] ?? known.status) : body['status_if_new']);
  audience.members.delete(hash);
  return keep(audience, known, status, body);
}

/** Puts a member there with what a body says of it, over what was known. */
export function keep(
  { members, mergeFields }: Audience,
  known: FakeMember | undefined,
  status: string,
  body: Fields,
): FakeMember {
  const email = String(body['email_address']);
  const values = Object.entries(fieldsOf(body['merge_fields'])).filter(([tag]) => tag in mergeFields);
  const { language, ip_signup: ip } = body;
  const member: FakeMember = {
    ...known,
    email,
    status,
    mergeFields: { ...known?.mergeFields, ...Object.fromEntries(values) },
    tags: known?.tags ?? [],
    ...(typeof language === 'string' && { language }),
    ...(typeof ip === 'string' && { ipSignup: ip }),
  };
  members.set(hashOf(email), member);
  return member;
}

/** destinations 2.5: `vip` and `VIP` are one tag. */
export function tagged(member: FakeMember, changes: readonly Fields[]): FakeMember {
  const after = new Map(member.tags.map((tag) => [tag.toLowerCase(), tag]));
  for (const { name, status } of changes) {
    const key = String(name).toLowerCase();
    if (status === 'active') after.set(key, after.get(key) ?? String(name));
    else after.delete(key);
  }
  return { ...member, tags: [...after.values()] };
}

/** A member as the API shows it. */
export function shown({ email, status, mergeFields, tags }: FakeMember): Fields {
  return {
    id: hashOf(email),
    email_address: email,
    status,
    merge_fields: mergeFields,
    tags: tags.map((name) => ({ name })),
  };
}

import type { FakeAnswer } from './fake-vendor.js';
import {
  hashOf,
  keep,
  refuseAddress,
  refuseStatus,
  schemaRefusal,
  shown,
  tagged,
  type Audience,
} from './mailchimp-audience.js';
import { mergeFieldErrors, schemaErrors, type FieldError } from './mailchimp-rules.js';
import { fieldsOf, isFields, type Fields } from './shapes.js';

/** destinations 2.1: members of one batch subscribe. */
const maxMembers = 500;

interface Outcome {
  readonly member?: Fields;
  readonly isNew?: boolean;
  readonly error?: Fields;
}

/**
 * `POST /lists/{id}`: 200 with an error per member that was refused (destinations 2.3). With `update_existing` the
 * `status` is that of known members too, so whoever has left is subscribed again (destinations 2.4.5); without it
 * known members come back as errors.
 */
export function batchSubscribe(
  audience: Audience,
  body: Fields,
  query: URLSearchParams,
  taken: (member: Fields) => void,
): FakeAnswer {
  const members: readonly unknown[] = Array.isArray(body['members']) ? body['members'] : [];
  const refused = schemaRefusal(batchErrors(members));
  if (refused) return refused;
  const seen = new Set<string>();
  const outcomes = members.filter(isFields).map((member): Outcome => {
    const hash = hashOf(String(member['email_address']));
    const twice = seen.has(hash);
    seen.add(hash);
    if (!twice) return subscribe(audience, member, body['update_existing'] === true, query, taken);
    // destinations 2.6: the first counts, and the others are errors unless that check is skipped
    return query.get('skip_duplicate_check') === 'true'
      ? {}
      : refusal(member, 'ERROR_GENERIC', 'Duplicate items found for the same email address.');
  });
  const [added, updated] = [true, false].map((isNew) =>
    outcomes.flatMap((one) => (one.member && one.isNew === isNew ? [one.member] : [])),
  );
  const errors = outcomes.flatMap(({ error }) => (error ? [error] : []));
  return {
    status: 200,
    body: {
      new_members: added,
      updated_members: updated,
      errors,
      total_created: added?.length,
      total_updated: updated?.length,
      error_count: errors.length,
    },
  };
}

function subscribe(
  audience: Audience,
  member: Fields,
  updateExisting: boolean,
  query: URLSearchParams,
  taken: (member: Fields) => void,
): Outcome {
  const address = String(member['email_address']);
  const known = audience.members.get(hashOf(address));
  if (known && !updateExisting)
    return refusal(member, 'ERROR_CONTACT_EXISTS', `${address} is already a list member.`);
  const status = String(member['status']);
  const refused = refuseAddress(audience, address) ?? refuseStatus(audience, address, status);
  if (refused) return refusal(member, 'ERROR_GENERIC', String(fieldsOf(refused.body)['detail']));
  const skipRequired = query.get('skip_merge_validation') === 'true';
  const [wrong] = mergeFieldErrors(fieldsOf(member['merge_fields']), audience.mergeFields, { skipRequired });
  if (wrong) return refusal(member, 'ERROR_GENERIC', 'Your merge fields were invalid.', wrong);
  taken(member);
  const tags = Array.isArray(member['tags']) ? member['tags'] : [];
  const kept = tagged(
    keep(audience, known, status, member),
    tags.map((name: unknown) => ({ name, status: 'active' })),
  );
  audience.members.set(hashOf(address), kept);
  return { member: shown(kept), isNew: !known };
}

function refusal(member: Fields, code: string, words: string, field?: FieldError): Outcome {
  return {
    error: {
      email_address: member['email_address'],
      error: words,
      error_code: code,
      field: field?.field ?? '',
      field_message: field?.message ?? '',
    },
  };
}

/** One member that fits no schema spoils the request. */
function batchErrors(members: readonly unknown[]): FieldError[] {
  if (members.length === 0 || members.length > maxMembers)
    return [{ field: 'members', message: 'Must contain between 1 and 500 items' }];
  return members.flatMap((member, index) => {
    const of = (errors: readonly FieldError[]): FieldError[] =>
      errors.map(({ field, message }) => ({ field: `members.${index}.${field}`, message }));
    if (!isFields(member)) return of([{ field: '', message: 'Schema describes object' }]);
    // destinations 2.4: status_if_new is no part of the schema
    return member['status'] === undefined
      ? of([{ field: 'status', message: 'Required fields were not provided: status' }])
      : of(schemaErrors(member));
  });
}

import { isIP } from 'node:net';
import type { FakeAnswer } from './fake-vendor.js';
import { isFields, type Fields } from './shapes.js';

/** destinations 2.1: types of merge fields. */
export type MergeFieldType = 'text' | 'number' | 'address' | 'phone' | 'birthday' | 'date' | 'url';

export interface MergeField {
  readonly type: MergeFieldType;
  readonly required?: boolean;
}

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** destinations 2.1: the fields that come with a new audience. */
export const newAudienceFields: Readonly<Record<string, MergeField>> = {
  FNAME: { type: 'text' },
  LNAME: { type: 'text' },
  ADDRESS: { type: 'address' },
  PHONE: { type: 'phone' },
  BIRTHDAY: { type: 'birthday' },
};

/** destinations 2.1: statuses; archived is read only. */
const statuses = ['subscribed', 'unsubscribed', 'cleaned', 'pending', 'transactional'];

/** destinations 2.3: `{type, title, status, detail, instance, errors?}` as application/problem+json. */
export function problem(
  status: number,
  title: string,
  detail: string,
  errors?: readonly FieldError[],
): FakeAnswer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8' },
    body: {
      type: 'https://mailchimp.com/developer/marketing/docs/errors/',
      title,
      status,
      detail,
      instance: '00000000-0000-4000-8000-000000000000',
      ...(errors ? { errors } : {}),
    },
  };
}

/** destinations 2.3: the JSON schema refuses before anything is looked at. */
export function schemaErrors(body: Fields): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['status', 'status_if_new'])
    if (body[name] !== undefined && !statuses.some((status) => status === body[name]))
      errors.push({ field: name, message: 'Value did not match any of the allowed values.' });
  if (typeof body['email_address'] !== 'string')
    errors.push({ field: 'email_address', message: 'Schema describes string, NULL found instead' });
  errors.push(...detailErrors(body));
  const mergeFields = body['merge_fields'];
  if (mergeFields === undefined) return errors;
  if (!isFields(mergeFields))
    return [...errors, { field: 'merge_fields', message: 'Schema describes object' }];
  // destinations 2.1: a value is text, a number or (ADDRESS) an object; booleans, null and arrays match no schema
  for (const [tag, value] of Object.entries(mergeFields))
    if (!['string', 'number'].includes(typeof value) && !isFields(value))
      errors.push({
        field: `merge_fields.${tag}`,
        message: 'Data did not match any of the schemas described in anyOf.',
      });
  return errors;
}

function detailErrors({ ip_signup: ip, language }: Fields): FieldError[] {
  const errors: FieldError[] = [];
  // Vendor's changelog of September 2022: the address of a sign-up is checked
  if (ip !== undefined && !(typeof ip === 'string' && isIP(ip) > 0))
    errors.push({ field: 'ip_signup', message: 'Must be a valid IP address' });
  if (language !== undefined && !(typeof language === 'string' && /^[a-z]{2}(_[A-Z]{2})?$/.test(language)))
    errors.push({ field: 'language', message: 'Must be a language code' });
  return errors;
}

/** destinations 2.1: value types. */
const isRight: Readonly<Record<MergeFieldType, (value: unknown) => boolean>> = {
  text: (value) => !isFields(value),
  phone: (value) => !isFields(value),
  number: (value) => typeof value === 'number' || /^-?\d+(\.\d+)?$/.test(String(value)),
  birthday: (value) => /^(0[1-9]|1[0-2])\/(0[1-9]|[12]\d|3[01])$/.test(String(value)),
  date: (value) => /^\d{4}-\d{2}-\d{2}$/.test(String(value)),
  url: (value) => URL.canParse(String(value)),
  address: (value) =>
    isFields(value)
      ? ['addr1', 'city', 'state', 'zip'].every(
          (part) => typeof value[part] === 'string' && value[part] !== '',
        )
      : String(value).includes('  '),
};

/** destinations 2.3: "Your merge fields were invalid.": a wrong type, or a required field that is missing. */
export function mergeFieldErrors(
  values: Fields,
  fields: Readonly<Record<string, MergeField>>,
  o: { readonly skipRequired: boolean },
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [tag, { type, required }] of Object.entries(fields)) {
    const value = values[tag];
    const blank = value === undefined || value === ''; // destinations 2.1: "" clears a field
    if (blank && required && !o.skipRequired) errors.push({ field: tag, message: 'Please enter a value' });
    if (!blank && !isRight[type](value)) errors.push({ field: tag, message: `Please enter a valid ${type}` });
  }
  // destinations 2.1: unknown merge tags are ignored silently, so nothing to say about the rest
  return errors;
}

/** destinations 2.1 Events: a name of 2 to 30 characters, properties that are strings. */
export function memberEventErrors(body: Fields): FieldError[] {
  const errors: FieldError[] = [];
  const { name, properties, occurred_at: at } = body;
  if (typeof name !== 'string' || name.length < 2 || name.length > 30)
    errors.push({ field: 'name', message: 'Must be between 2 and 30 characters' });
  if (
    properties !== undefined &&
    !(isFields(properties) && Object.values(properties).every((value) => typeof value === 'string'))
  )
    errors.push({ field: 'properties', message: 'Schema describes an object of strings' });
  if (at !== undefined && !(typeof at === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(at)))
    errors.push({ field: 'occurred_at', message: 'Must be an ISO 8601 date and time' });
  return errors;
}

/** destinations 2.1 Tags: `{tags:[{name, status: active or inactive}]}`. */
export function tagErrors(body: Fields): FieldError[] {
  const { tags } = body;
  const isTag = (tag: unknown): boolean =>
    isFields(tag) &&
    typeof tag['name'] === 'string' &&
    ['active', 'inactive'].includes(String(tag['status']));
  return Array.isArray(tags) && tags.every(isTag)
    ? []
    : [{ field: 'tags', message: 'Schema describes a list of tags' }];
}

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { idOf, textOf } from './identifiers.js';
import { isObject } from './json.js';
import { envelopeSchema, MESSAGE_ID_LENGTH, messageSchemas, type JsonSchema } from './schemas.js';
import { isMessageType, MESSAGE_TYPES, type MessageType, type Validation } from './types.js';

type Fields = Readonly<Record<string, unknown>>;

export interface CheckOptions {
  /** Refuse top-level fields that neither the specification names nor an SDK adds. Default false. */
  readonly strict?: boolean;
}

const none: readonly Validation[] = [];

/**
 * Everything that is wrong with a message; empty when it is acceptable.
 *
 * What analytics-go checks is checked by its rules, in its order, and only the first failure among them is told, with
 * its path (`['analytics', 'Track', 'Event']`). Null, empty text and text fields that are no text count as absent, though
 * of the last it is told as well what they must be; finite numbers count as ids.
 *
 * @param type what the message is, from its route or its own `type`; anything else than a type is the first problem.
 */
export function checkMessage(type: unknown, message: unknown, o: CheckOptions = {}): readonly Validation[] {
  if (!isMessageType(type)) return [typeProblem(type)];
  const validate = validatorOf(type);
  const known = o.strict !== true || !isObject(message) ? none : unknownFields(type, message);
  if (validate(message) && known.length === 0) return none;
  if (!isObject(message)) return [{ message: 'A message must be a JSON object', path: [], field: '' }];
  return [...firstMissing(type, message), ...problemsOf(validate.errors ?? []), ...known];
}

/** Everything that is wrong with a batch as a whole; says nothing of its items. */
export function checkEnvelope(envelope: unknown, o: CheckOptions = {}): readonly Validation[] {
  const validate = envelopeValidator();
  if (!isObject(envelope)) return [{ message: 'A batch must be a JSON object', path: [], field: '' }];
  const valid = validate(envelope);
  const unknown = o.strict === true ? foreignTo(envelopeSchema, envelope, 'batches') : none;
  if (valid) return unknown;
  return [...problemsOf(validate.errors ?? []), ...unknown];
}

function typeProblem(type: unknown): Validation {
  const missing = type === undefined || type === null || type === '';
  const message = missing ? 'Type must be set' : `Type must be one of ${MESSAGE_TYPES.join(', ')}`;
  return { message, path: ['analytics', 'Event', 'Type'], field: 'type' };
}

interface Rule {
  /** As analytics-go names it. */
  readonly name: string;
  /** What it reads; the first is the one it is told of. */
  readonly fields: readonly [string, ...string[]];
  readonly isMet: (message: Fields) => boolean;
}

const idRule = (name: string, ...fields: Rule['fields']): Rule => ({
  name,
  fields,
  isMet: (message) => fields.some((field) => idOf(message[field]) !== undefined),
});

const event: Rule = { name: 'Event', fields: ['event'], isMet: (m) => textOf(m['event']) !== undefined };
const groupId = idRule('GroupId', 'groupId');
const userId = idRule('UserId', 'userId');
const previousId = idRule('PreviousId', 'previousId');
const somebody = idRule('UserId', 'userId', 'anonymousId');

/** analytics-go's `ValidateFields`: the order matters, since the first failure alone is told. */
const rules: Readonly<Record<MessageType, readonly Rule[]>> = {
  identify: [somebody],
  track: [event, somebody],
  page: [somebody],
  screen: [somebody],
  group: [groupId, somebody],
  alias: [userId, previousId],
};

function firstMissing(type: MessageType, message: Fields): readonly Validation[] {
  const rule = rules[type].find(({ isMet }) => !isMet(message));
  if (rule === undefined) return none;
  const { name, fields } = rule;
  const kind = type.charAt(0).toUpperCase() + type.slice(1);
  return [
    { message: `${name} must be set`, path: ['analytics', kind, name], field: fields[0] },
    ...fields.filter((field) => isThere(message[field])).map(mistyped),
  ];
}

/** Whether something stands there after all, though not what the rule could read. */
function isThere(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function mistyped(field: string): Validation {
  const wanted = field === 'event' ? 'a string' : 'a string or a number';
  return { message: `${field} must be ${wanted}`, path: [field], field };
}

/** The schema's objections to single fields; those to missing ones are told by the rules. */
function problemsOf(errors: readonly ErrorObject[]): readonly Validation[] {
  const problems: Validation[] = [];
  for (const { keyword, instancePath, schemaPath, params } of errors) {
    if (keyword === 'required' && instancePath === '' && schemaPath === '#/required') {
      const field = String((params as { missingProperty: unknown }).missingProperty);
      problems.push({ message: expectation(field), path: [field], field });
    } else if (schemaPath.startsWith('#/properties/')) {
      const field = instancePath.slice(1);
      const path = field === 'type' ? ['analytics', 'Event', 'Type'] : [field];
      problems.push({ message: expectation(field), path, field });
    }
  }
  return problems;
}

function expectation(field: string): string {
  switch (field) {
    case 'batch':
      return 'batch must be an array of messages';
    case 'messageId':
      return `messageId must be text of at most ${MESSAGE_ID_LENGTH} characters; leave it out to have one made`;
    case 'type':
      return 'Type must be the type that the route names, or be left out';
    default:
      return `${field} must be a JSON object, or be left out`;
  }
}

function unknownFields(type: MessageType, message: Fields): readonly Validation[] {
  return foreignTo(messageSchemas[type], message, `${type} messages`);
}

function foreignTo(schema: JsonSchema, value: Fields, what: string): readonly Validation[] {
  return Object.keys(value)
    .filter((field) => !Object.hasOwn(schema.properties, field))
    .map((field) => ({ message: `${field} is not a field of ${what}: remove it`, path: [field], field }));
}

/* Compiling takes milliseconds, so it waits for the first message of a type. */
const compiled = new Map<JsonSchema, ValidateFunction>();
let compiler: Ajv | undefined;

function compile(schema: JsonSchema): ValidateFunction {
  compiler ??= new Ajv({ allErrors: true, allowUnionTypes: true, strictTypes: false, strictRequired: false });
  const validate = compiler.compile(schema);
  compiled.set(schema, validate);
  return validate;
}

/** The compiled validator of one type's schema; its `errors` are those of its last call. */
export function validatorOf(type: MessageType): ValidateFunction {
  return compiled.get(messageSchemas[type]) ?? compile(messageSchemas[type]);
}

function envelopeValidator(): ValidateFunction {
  return compiled.get(envelopeSchema) ?? compile(envelopeSchema);
}

import { MESSAGE_TYPES, type MessageType } from './types.js';

/** A JSON Schema (draft 7 vocabulary), as plain data. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly properties: Readonly<Record<string, object>>;
}

/** Segment: "limited to 100 characters". */
export const MESSAGE_ID_LENGTH = 100;

/*
 * What would break reading is refused; the rest is kept as it came. So times carry no type: an odd one counts as
 * absent. Ids neither: what is no id counts as absent, and then the rules of presence decide, as analytics-go's do.
 */
const anything = {};
const object = { type: ['object', 'null'] };

const presentId = {
  anyOf: [{ type: 'string', minLength: 1 }, { type: 'number' }],
};
const presentText = { type: 'string', minLength: 1 };

/** What every message may have; the last rows are what SDKs add without documenting it. */
const common = {
  messageId: { type: ['string', 'number', 'null'], maxLength: MESSAGE_ID_LENGTH },
  userId: anything,
  anonymousId: anything,
  context: object,
  integrations: object,
  timestamp: anything,
  originalTimestamp: anything,
  sentAt: anything,
  receivedAt: anything,
  version: anything,
  projectId: anything,
  channel: anything,
  writeKey: anything,
  options: anything,
  _metadata: anything,
};

const own: Readonly<Record<MessageType, Readonly<Record<string, object>>>> = {
  identify: { traits: object },
  track: { event: anything, properties: object },
  page: { name: anything, category: anything, properties: object },
  screen: { name: anything, category: anything, properties: object },
  group: { groupId: anything, traits: object },
  alias: { previousId: anything },
};

const present = (field: string, schema: object): object => ({
  required: [field],
  properties: { [field]: schema },
});
const somebody = { anyOf: [present('userId', presentId), present('anonymousId', presentId)] };

const required: Readonly<Record<MessageType, readonly object[]>> = {
  identify: [somebody],
  track: [present('event', presentText), somebody],
  page: [somebody],
  screen: [somebody],
  group: [present('groupId', presentId), somebody],
  alias: [present('userId', presentId), present('previousId', presentId)],
};

function schemaOf(type: MessageType): JsonSchema {
  return {
    title: `Segment ${type} message`,
    type: 'object',
    properties: { type: { enum: [type, null] }, ...common, ...own[type] },
    allOf: required[type],
  };
}

/** The schema of each message as it is accepted. `type` may be absent: a route can say it. */
export const messageSchemas = Object.fromEntries(
  MESSAGE_TYPES.map((type) => [type, schemaOf(type)]),
) as Readonly<Record<MessageType, JsonSchema>>;

/** The schema of a batch's envelope. Its items are checked one by one, so that a bad one spoils no other. */
export const envelopeSchema: JsonSchema = {
  title: 'Segment batch',
  type: 'object',
  required: ['batch'],
  properties: {
    batch: { type: 'array' },
    context: object,
    integrations: object,
    sentAt: anything,
    timestamp: anything,
    messageId: anything,
    writeKey: anything,
  },
};

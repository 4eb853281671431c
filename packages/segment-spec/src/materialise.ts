import { idOf, textOf } from './identifiers.js';
import { isObject } from './json.js';
import { mergeEnvelope } from './merge.js';
import { clean, mayNeedCleaning } from './text.js';
import type { SegmentMessage } from './types.js';

/** A stored message: the columns and texts that {@link materialise} reads. Core's StoredEvent is one. */
export interface MessageRow {
  readonly id: string;
  readonly type?: string;
  readonly messageId?: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  /** `event` of a track, `name` of a page or screen. */
  readonly name?: string;
  readonly timestamp: Date;
  readonly originalTimestamp?: Date;
  readonly sentAt?: Date;
  readonly receivedAt: Date;
  /** JSON text of the message as it came. */
  readonly data: string;
  /** JSON text of what its batch says for all items: `context`, `integrations`. */
  readonly envelope?: string;
  /** `JSON.parse(data)`, where it is known already. */
  readonly parsed?: unknown;
}

/** Not the sender's to say, or said by columns. */
const columns: ReadonlySet<string> = new Set([
  'type',
  'messageId',
  'userId',
  'anonymousId',
  'context',
  'integrations',
  'timestamp',
  'originalTimestamp',
  'sentAt',
  'receivedAt',
  'writeKey',
  '_metadata',
]);

/**
 * The whole message as it is to be delivered: the stored text, its batch's `context` and `integrations` merged in, and
 * the columns, which win. Fields that are null are absent, numeric ids are text, NUL and lone surrogates are U+FFFD.
 * `writeKey` and `_metadata` are left out. The message id of a message without one is its event's id.
 *
 * Neither the row nor `row.parsed` is changed, but the result shares values with it.
 *
 * @throws {SyntaxError} when `data` or `envelope` is not JSON.
 */
export function materialise(row: MessageRow): SegmentMessage {
  const sent = fieldsOf(row.data, row.parsed);
  const message: Record<string, unknown> = { messageId: row.messageId ?? idOf(sent['messageId']) ?? row.id };
  set(message, 'type', row.type ?? textOf(sent['type']));
  set(message, 'userId', row.userId ?? idOf(sent['userId']));
  set(message, 'anonymousId', row.anonymousId ?? idOf(sent['anonymousId']));
  for (const key of Object.keys(sent)) {
    if (!columns.has(key)) set(message, key, sentValue(key, sent[key]));
  }
  if (row.name !== undefined) message[row.type === 'track' ? 'event' : 'name'] = row.name;
  const envelope = row.envelope === undefined ? undefined : fieldsOf(row.envelope, undefined);
  const merged = mergeEnvelope(sent, envelope);
  set(message, 'context', merged.context);
  set(message, 'integrations', merged.integrations);
  const timestamp = row.timestamp.toISOString();
  message['timestamp'] = timestamp;
  message['originalTimestamp'] = row.originalTimestamp?.toISOString() ?? timestamp;
  set(message, 'sentAt', row.sentAt?.toISOString());
  message['receivedAt'] = row.receivedAt.toISOString();
  return message as unknown as SegmentMessage;
}

/** A JSON text as fields that are safe to copy and merge; what is no object has none. */
function fieldsOf(json: string, parsed: unknown): Readonly<Record<string, unknown>> {
  const value = parsed ?? (JSON.parse(json) as unknown);
  if (!isObject(value)) return {};
  return mayNeedCleaning(json) ? clean(value) : value;
}

function sentValue(key: string, value: unknown): unknown {
  return key === 'groupId' || key === 'previousId' ? idOf(value) : value;
}

function set(message: Record<string, unknown>, key: string, value: unknown): void {
  if (value !== undefined && value !== null) message[key] = value;
}

import type { Extraction, RejectedItem, Validation } from '@fragment/core';
import {
  correctTimestamp,
  idOf,
  isMessageType,
  MESSAGE_ID_LENGTH,
  parseTimestamp,
  textOf,
  wellFormed,
  type MessageType,
} from '@fragment/segment-spec';
import type { Fields } from './body.js';
import { keyless } from './keyless.js';
import type { RestLimits } from './options.js';

/** One message as it came, alone or as an item. */
export interface Message {
  readonly fields: Fields;
  /** What `fields` were read from. */
  readonly text: string;
}

/** What a message does not say itself. */
export interface Arrival {
  readonly receivedAt: Date;
  /** When its batch was sent, by the sender's clock. */
  readonly sentAt?: Date | undefined;
  newId(): string;
}

type Draft<T> = { -readonly [Key in keyof T]: T[Key] };

/** Bytes that SDKs add to a message after they have measured it. */
const SDK_ADDITIONS = 1_024;

/** Why a message of so many bytes is too large; undefined when it is not. */
export function oversize(bytes: number, { eventBytes }: RestLimits): string | undefined {
  if (bytes <= eventBytes + SDK_ADDITIONS) return undefined;
  return `The message has ${bytes} bytes; ${eventBytes} are allowed.`;
}

/** A sound message as what is stored: its text, and its columns. */
export function extractionOf(
  type: MessageType,
  message: Message,
  arrival: Arrival,
): Omit<Extraction, 'subEvents' | 'rejected'> {
  const { fields } = message;
  // NUL and lone surrogates can stand in JSON as escapes only. They stay in the text; columns can't hold them.
  const column = message.text.includes('\\u') ? tidy : same;
  const sentAt = parseTimestamp(fields['sentAt']) ?? arrival.sentAt;
  const { timestamp, originalTimestamp } = correctTimestamp({
    timestamp: parseTimestamp(fields['timestamp']),
    originalTimestamp: parseTimestamp(fields['originalTimestamp']),
    sentAt,
    receivedAt: arrival.receivedAt,
  });
  const { data, parsed } = keyless(message.fields, message.text);
  const extraction: Draft<Extraction> = {
    data,
    parsed,
    type,
    messageId: column(idOf(fields['messageId'])) ?? arrival.newId(),
    timestamp,
  };
  const userId = column(idOf(fields['userId']));
  if (userId !== undefined) extraction.userId = userId;
  const anonymousId = column(idOf(fields['anonymousId']));
  if (anonymousId !== undefined) extraction.anonymousId = anonymousId;
  const name = column(nameOf(type, fields));
  if (name !== undefined) extraction.name = name;
  if (originalTimestamp !== undefined) extraction.originalTimestamp = originalTimestamp;
  if (sentAt !== undefined) extraction.sentAt = sentAt;
  return extraction;
}

/** What is kept of a message that was refused. Its text only where no write key can be in it. */
export function rejectionOf(message: Message): Pick<RejectedItem, 'messageId' | 'type' | 'data'> {
  const messageId = tidy(idOf(message.fields['messageId']));
  const type = message.fields['type'];
  const { data } = keyless(message.fields, message.text);
  return {
    ...(messageId === undefined || messageId.length > MESSAGE_ID_LENGTH ? {} : { messageId }),
    ...(isMessageType(type) ? { type } : {}),
    ...(data.includes('writeKey') ? {} : { data }),
  };
}

/** The same problems with their fields as seen from the batch. */
export function within(item: string, problems: readonly Validation[]): readonly Validation[] {
  return problems.map((problem) => ({
    ...problem,
    field: problem.field ? `${item}.${problem.field}` : item,
  }));
}

function nameOf(type: MessageType, fields: Fields): string | undefined {
  if (type === 'track') return textOf(fields['event']);
  return type === 'page' || type === 'screen' ? textOf(fields['name']) : undefined;
}

function same(text: string | undefined): string | undefined {
  return text;
}

function tidy(text: string | undefined): string | undefined {
  return text === undefined ? undefined : wellFormed(text);
}

import {
  FragmentError,
  type ErrorCode,
  type Extraction,
  type IncomingRequest,
  type JsonObject,
  type RejectedItem,
  type SubExtraction,
  type TriggerToolkit,
} from '@fragment/core';
import {
  checkEnvelope,
  checkMessage,
  isMessageType,
  mergeEnvelope,
  parseTimestamp,
} from '@fragment/segment-spec';
import { addressOf, whereaboutsOf } from './address.js';
import { readBatchBody, type BatchBody, type Fields } from './body.js';
import { without } from './keyless.js';
import { extractionOf, oversize, rejectionOf, within, type Arrival, type Message } from './message.js';
import type { RestLimits, RestSettings } from './options.js';
import type { KeyRing } from './write-keys.js';

/**
 * Reads a request that carries many messages. A bad item is refused alone; a fault of the whole is an error.
 * @param fromDevice the path is one that the users' own devices post to.
 * @throws {FragmentError} FRAGMENT_INGEST_* with status 400 or 401.
 */
export function readBatch(
  request: IncomingRequest,
  fromDevice: boolean,
  t: TriggerToolkit,
  settings: RestSettings,
  keys: KeyRing,
): Extraction {
  const body = readBatchBody(request.body, settings.limits);
  keys.authenticate(request, body.fields, 'batch');
  const items = itemsOf(body.fields, settings);
  const { own, shared, sentAt } = parentOf(body.fields, settings.limits);
  const ip = settings.contextIp ? addressOf(request) : undefined;
  const located = ip === undefined ? shared : withAddress(shared, ip);
  const ofAll = fromDevice || whereaboutsOf(body.fields).direct ? located : shared;
  const arrival: Arrival = { receivedAt: request.receivedAt, sentAt, newId: () => t.newId() };
  const subEvents: SubExtraction[] = [];
  const rejected: RejectedItem[] = [];
  for (const [index, text] of itemTexts(request.body, body, items).entries()) {
    const item = items[index];
    const result = readItem(item, index, text, arrival, settings);
    if ('code' in result) rejected.push(result);
    // What the batch says for all does not hold for an item with a context of its own, so that says it too.
    else if (located !== ofAll && isOfDevice(item))
      subEvents.push(Object.assign(result, { context: located }));
    else subEvents.push(result);
  }
  return {
    type: 'batch',
    data: { ...own, received: items.length, rejected: rejected.length },
    ...(Object.keys(ofAll).length === 0 ? {} : { context: ofAll }),
    ...(sentAt === undefined ? {} : { sentAt }),
    subEvents,
    rejected,
  };
}

function withAddress(shared: JsonObject, ip: string): JsonObject {
  return { ...mergeEnvelope(shared, { context: { ip } }) };
}

function isOfDevice(item: unknown): boolean {
  const { direct, hasIp } = whereaboutsOf(item as Fields);
  return direct && !hasIp;
}

function itemsOf(envelope: Fields, { limits, strict }: RestSettings): readonly unknown[] {
  const validations = checkEnvelope(envelope, { strict });
  if (validations.length > 0) {
    throw new FragmentError('FRAGMENT_INGEST_INVALID', { validations, rejection: { type: 'batch' } });
  }
  const items = envelope['batch'] as readonly unknown[];
  if (items.length > limits.batchItems) {
    const detail = `The batch has ${items.length} messages; ${limits.batchItems} are allowed.`;
    throw new FragmentError('FRAGMENT_INGEST_BATCH_TOO_LONG', { detail, rejection: { type: 'batch' } });
  }
  return items;
}

interface Parent {
  /** What it says of itself. */
  readonly own: JsonObject;
  /** `context` and `integrations`, which hold for every item. */
  readonly shared: JsonObject;
  readonly sentAt: Date | undefined;
}

/**
 * What the envelope says once for all items, stored as the batch's own event. Limited like a message, since every item
 * is delivered with it. The envelope's own messageId (the Go library sends one) is no key: a repeated batch may hold
 * items that are new.
 */
function parentOf(envelope: Fields, limits: RestLimits): Parent {
  const own = without(envelope, 'batch', 'writeKey', 'context', 'integrations') as JsonObject;
  const shared = Object.fromEntries(
    ['context', 'integrations']
      .filter((field) => envelope[field] != null)
      .map((field) => [field, envelope[field]]),
  ) as JsonObject;
  const detail = oversize(Buffer.byteLength(JSON.stringify([own, shared])), limits);
  if (detail !== undefined) {
    throw new FragmentError('FRAGMENT_INGEST_EVENT_TOO_LARGE', {
      detail: `Beside its messages: ${detail}`,
      rejection: { type: 'batch' },
    });
  }
  return { own, shared, sentAt: parseTimestamp(envelope['sentAt']) };
}

interface ItemText {
  readonly text: string;
  readonly bytes: number;
  readonly depth: number;
}

/**
 * The texts of a batch's items as they came: cutting them out costs a fraction of writing them anew. Where their
 * places are in doubt they are written anew.
 */
function itemTexts(
  bytes: Buffer,
  { text, spans }: BatchBody,
  items: readonly unknown[],
): readonly ItemText[] {
  if (spans?.length !== items.length) {
    return items.map((item) => {
      const written = JSON.stringify(item);
      return { text: written, bytes: Buffer.byteLength(written), depth: 0 };
    });
  }
  // With a character per byte, places in the body are places in its text.
  const isAscii = text.length === bytes.length;
  return spans.map(({ start, end, depth }) => ({
    text: isAscii ? text.slice(start, end) : bytes.toString('utf8', start, end),
    bytes: end - start,
    depth,
  }));
}

/** One item as it is stored, or as it is refused. */
function readItem(
  item: unknown,
  index: number,
  { text, bytes, depth }: ItemText,
  arrival: Arrival,
  { limits, strict }: RestSettings,
): SubExtraction | (RejectedItem & { readonly index: number }) {
  if (depth > limits.depth) {
    // Whoever wrote it anew, to take out its write key, would recurse into it: only its place is told.
    return {
      index,
      ...refusal('FRAGMENT_INGEST_BODY_TOO_DEEP', `The message nests deeper than ${limits.depth} levels.`),
    };
  }
  const message: Message = { fields: isFields(item) ? item : {}, text };
  const tooLarge = oversize(bytes, limits);
  if (tooLarge !== undefined) {
    return { index, ...rejectionOf(message), ...refusal('FRAGMENT_INGEST_EVENT_TOO_LARGE', tooLarge) };
  }
  // What is no object has no type either, but that is not its first problem.
  const type = isFields(item) ? item['type'] : 'track';
  const validations = checkMessage(type, item, { strict });
  if (validations.length > 0 || !isMessageType(type)) {
    const what = validations.map((problem) => problem.message).join('; ');
    return {
      index,
      ...rejectionOf(message),
      ...refusal('FRAGMENT_INGEST_INVALID', what),
      validations: within(`batch[${index}]`, validations),
    };
  }
  // Assigning is ten times as fast as spreading here, and this runs for every item.
  return Object.assign(extractionOf(type, message, arrival), { index, trigger: type });
}

function isFields(item: unknown): item is Fields {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}

function refusal(code: ErrorCode, message: string): { readonly code: ErrorCode; readonly message: string } {
  return { code, message };
}

import {
  FragmentError,
  type Extraction,
  type Flow,
  type HttpReply,
  type HttpTrigger,
  type IncomingRequest,
  type JsonObject,
  type NoEvent,
  type TriggerToolkit,
} from '@fragment/core';
import { checkMessage, isMessageType, MESSAGE_TYPES, type MessageType } from '@fragment/segment-spec';
import { addressOf } from './address.js';
import { readMessageBody } from './body.js';
import type { RestSettings } from './options.js';
import { messageInQuery } from './query.js';
import { soundMessage } from './single.js';
import type { KeyRing } from './write-keys.js';

/** One transparent pixel. A mail client shows a broken image for anything else. */
const pixel: HttpReply = {
  status: 200,
  headers: { 'content-type': 'image/gif', 'cache-control': 'no-store' },
  body: Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'),
};

/** `GET /v1/pixel/:type`: a message in the URL of an image, for e-mails. The answer is the image, whatever happens. */
export function pixelTrigger(settings: RestSettings, keys: KeyRing): HttpTrigger {
  return {
    name: 'pixel',
    mode: 'http',
    route: { methods: ['GET'], path: `${settings.prefix}/v1/pixel/:type` },
    flows: flowsOfEveryType(settings.flows),
    extract: (request, t) => readPixel(request, t, settings, keys),
    reply: () => pixel,
  };
}

/** @throws {FragmentError} FRAGMENT_INGEST_* with status 400 or 401, for the record: the sender gets the image. */
function readPixel(
  request: IncomingRequest,
  t: TriggerToolkit,
  settings: RestSettings,
  keys: KeyRing,
): Extraction | NoEvent {
  // Mail scanners look at what an image is; nobody has seen it then.
  if (request.method === 'HEAD') return { noEvent: 'head of a pixel', reply: pixel };
  const type = request.params?.['type'];
  const kept = isMessageType(type) ? type : 'pixel';
  const bytes = Buffer.from(messageInQuery(request.query, settings.limits, kept));
  const body = readMessageBody(bytes, settings.limits, kept);
  keys.authenticate(request, body.fields, kept);
  if (!isMessageType(type)) {
    const validations = checkMessage(type, body.fields);
    throw new FragmentError('FRAGMENT_INGEST_INVALID', { validations, rejection: { type: kept } });
  }
  const arrival = { receivedAt: request.receivedAt, newId: () => t.newId() };
  const extraction = soundMessage(type, body, bytes.length, arrival, settings);
  return { ...extraction, context: { context: readerOf(request, settings) } };
}

/** What the request tells of whoever looks at the image. What the message says itself wins over it. */
function readerOf(request: IncomingRequest, { contextIp }: RestSettings): JsonObject {
  const ip = contextIp ? addressOf(request) : undefined;
  const userAgent = request.headers['user-agent'];
  return { ...(ip !== undefined && { ip }), ...(typeof userAgent === 'string' && { userAgent }) };
}

/** The flows of all types in one list, where each still sees only the types that it is meant for. */
function flowsOfEveryType(flows: RestSettings['flows']): readonly Flow[] {
  const typesOf = new Map<Flow, MessageType[]>();
  for (const type of MESSAGE_TYPES) {
    for (const flow of flows[type]) typesOf.set(flow, [...(typesOf.get(flow) ?? []), type]);
  }
  return [...typesOf].map(([flow, types]) =>
    types.length === MESSAGE_TYPES.length ? flow : only(types, flow),
  );
}

function only(types: readonly string[], flow: Flow): Flow {
  return {
    ...flow,
    transform: (event, t) => (types.includes(event.type ?? '') ? flow.transform(event, t) : {}),
  };
}

import { FragmentError, type Extraction, type IncomingRequest, type TriggerToolkit } from '@fragment/core';
import { checkMessage, type MessageType } from '@fragment/segment-spec';
import { addressOf, whereaboutsOf } from './address.js';
import { readMessageBody, type Body } from './body.js';
import { extractionOf, oversize, rejectionOf, type Arrival } from './message.js';
import type { RestSettings } from './options.js';
import type { KeyRing } from './write-keys.js';

/**
 * Reads a request that carries one message, whose type its route says.
 * @param fromDevice the path is one that the user's own device posts to.
 * @throws {FragmentError} FRAGMENT_INGEST_* with status 400 or 401.
 */
export function readSingle(
  type: MessageType,
  request: IncomingRequest,
  fromDevice: boolean,
  t: TriggerToolkit,
  settings: RestSettings,
  keys: KeyRing,
): Extraction {
  const body = readMessageBody(request.body, settings.limits, type);
  keys.authenticate(request, body.fields, type);
  const arrival: Arrival = { receivedAt: request.receivedAt, newId: () => t.newId() };
  const extraction = soundMessage(type, body, request.body.length, arrival, settings);
  if (!settings.contextIp) return extraction;
  const { direct, hasIp } = whereaboutsOf(body.fields);
  const ip = (fromDevice || direct) && !hasIp ? addressOf(request) : undefined;
  return ip === undefined ? extraction : Object.assign(extraction, { context: { context: { ip } } });
}

/**
 * A message that stands alone, as it is stored.
 * @throws {FragmentError} FRAGMENT_INGEST_EVENT_TOO_LARGE, FRAGMENT_INGEST_INVALID.
 */
export function soundMessage(
  type: MessageType,
  message: Body,
  bytes: number,
  arrival: Arrival,
  { limits, strict }: RestSettings,
): Extraction {
  const detail = oversize(bytes, limits);
  if (detail !== undefined) {
    const rejection = { ...rejectionOf(message), type };
    throw new FragmentError('FRAGMENT_INGEST_EVENT_TOO_LARGE', { detail, rejection });
  }
  const validations = checkMessage(type, message.fields, { strict });
  if (validations.length > 0) {
    const rejection = { ...rejectionOf(message), type };
    throw new FragmentError('FRAGMENT_INGEST_INVALID', { validations, rejection });
  }
  return extractionOf(type, message, arrival);
}

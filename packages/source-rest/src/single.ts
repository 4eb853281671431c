import { FragmentError, type Extraction, type IncomingRequest, type TriggerToolkit } from '@fragment/core';
import { checkMessage, type MessageType } from '@fragment/segment-spec';
import { readMessageBody } from './body.js';
import { extractionOf, oversize, rejectionOf, type Message } from './message.js';
import type { RestSettings } from './options.js';
import type { Authenticate } from './write-keys.js';

/**
 * Reads a request that carries one message, whose type its route says.
 * @throws {FragmentError} FRAGMENT_INGEST_* with status 400 or 401.
 */
export function readSingle(
  type: MessageType,
  request: IncomingRequest,
  t: TriggerToolkit,
  { limits, strict }: RestSettings,
  authenticate: Authenticate,
): Extraction {
  const { text, fields } = readMessageBody(request.body, limits);
  authenticate(request, fields);
  const message: Message = { fields, text };
  const detail = oversize(request.body.length, limits);
  if (detail !== undefined) {
    const rejection = { ...rejectionOf(message), type };
    throw new FragmentError('FRAGMENT_INGEST_EVENT_TOO_LARGE', { detail, rejection });
  }
  const validations = checkMessage(type, fields, { strict });
  if (validations.length > 0) {
    const rejection = { ...rejectionOf(message), type };
    throw new FragmentError('FRAGMENT_INGEST_INVALID', { validations, rejection });
  }
  return extractionOf(type, message, { receivedAt: request.receivedAt, newId: () => t.newId() });
}

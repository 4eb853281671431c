import type { IncomingMessage } from 'node:http';
import { FragmentError } from '@fragment/core';
import { tooLarge } from './inflate.js';

/** What body parsers in front of us leave on a request. */
type ParsedMessage = IncomingMessage & { readonly body?: unknown; readonly rawBody?: unknown };

const form = /^\s*application\/x-www-form-urlencoded\b/i;

/**
 * The body of a request that a host's parser has read before us, decompressed by it: the bytes in `req.rawBody` where
 * the host keeps them, as many do, else what it made of them.
 * @throws {FragmentError} FRAGMENT_INGEST_BODY_TOO_LARGE, _TOO_DEEP, and _NOT_JSON for what was read as a form.
 */
export function hostedBody(req: ParsedMessage, limit: number): Buffer {
  const body = bytesOf(req);
  if (body.length > limit) throw tooLarge(limit);
  return body;
}

function bytesOf({ body, rawBody, headers }: ParsedMessage): Buffer {
  for (const bytes of [rawBody, body]) if (Buffer.isBuffer(bytes)) return bytes;
  for (const text of [rawBody, body]) if (typeof text === 'string') return Buffer.from(text);
  if (body === undefined) return Buffer.alloc(0);
  if (form.test(headers['content-type'] ?? '') && wasJson(body)) {
    // JSON under a form's name, which some SDKs send. Its plus signs and percents are gone: guessing would change data.
    throw new FragmentError('FRAGMENT_INGEST_BODY_NOT_JSON', {
      detail:
        'A body parser in front of the gateway has read the body as a form. Mount the gateway before it, or let the ' +
        'parser keep the bytes in req.rawBody.',
      rejection: {},
    });
  }
  return Buffer.from(written(body));
}

/** Read as a form, the first key of a JSON object begins with its bracket. */
function wasJson(body: unknown): boolean {
  const [key = ''] = Object.keys(body ?? {});
  return key.trimStart().startsWith('{');
}

function written(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // Parsing takes thousands of nested brackets, writing them does not.
    throw new FragmentError('FRAGMENT_INGEST_BODY_TOO_DEEP', { cause: error, rejection: {} });
  }
}

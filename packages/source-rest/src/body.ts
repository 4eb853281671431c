import { FragmentError } from '@fragment/core';
import type { RestLimits } from './options.js';
import { BATCH_LEVELS, mayBeDeeper, scan, type ItemSpan } from './scan.js';

export type Fields = Readonly<Record<string, unknown>>;

/** A body that was read: one JSON object, nested no deeper than allowed. */
export interface Body {
  readonly text: string;
  readonly fields: Fields;
}

export interface BatchBody extends Body {
  /** Where its items stand; undefined when the text leaves doubt, and then none is deeper than allowed. */
  readonly spans: readonly ItemSpan[] | undefined;
}

/**
 * Reads the body of a single message, whatever its Content-Type says.
 * @param type what the route carries, for the record of rejections: who sent this is not known yet, so no more is kept.
 * @throws {FragmentError} FRAGMENT_INGEST_BODY_TOO_LARGE, _TOO_DEEP, _NOT_JSON.
 */
export function readMessageBody(bytes: Buffer, limits: RestLimits, type: string): Body {
  const text = decode(bytes, limits, type);
  if (mayBeDeeper(text, limits.depth) && scan(bytes.toString('latin1')).depth > limits.depth)
    throw tooDeep(limits, type);
  return { text, fields: parse(text, type) };
}

/**
 * Reads the body of a batch. Items that are too deep are left to the caller, who refuses them alone: parsing does not
 * recurse, and nothing else touches them.
 * @throws {FragmentError} FRAGMENT_INGEST_BODY_TOO_LARGE, _TOO_DEEP, _NOT_JSON.
 */
export function readBatchBody(bytes: Buffer, limits: RestLimits): BatchBody {
  const text = decode(bytes, limits, 'batch');
  const { depth, outside, items } = scan(bytes.toString('latin1'));
  const readable = items === undefined ? depth <= limits.depth + BATCH_LEVELS : outside <= limits.depth;
  if (!readable) throw tooDeep(limits, 'batch');
  return { text, fields: parse(text, 'batch'), spans: items };
}

function decode(bytes: Buffer, limits: RestLimits, type: string): string {
  if (bytes.length > limits.requestBytes) {
    const detail = `The body has ${bytes.length} bytes; ${limits.requestBytes} are allowed.`;
    throw new FragmentError('FRAGMENT_INGEST_BODY_TOO_LARGE', { detail, rejection: { type } });
  }
  return bytes.toString();
}

export function tooDeep({ depth }: RestLimits, type: string): FragmentError {
  const detail = `The body nests deeper than the ${depth} levels that are allowed.`;
  return new FragmentError('FRAGMENT_INGEST_BODY_TOO_DEEP', { detail, rejection: { type } });
}

function parse(text: string, type: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's message quotes the body, which must not get into logs.
    throw notJson(
      text === '' ? 'The body is empty; it must be a JSON object.' : 'The body is not valid JSON.',
      type,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw notJson('The body is JSON, but not an object.', type);
  }
  return value as Fields;
}

export function notJson(detail: string, type: string): FragmentError {
  return new FragmentError('FRAGMENT_INGEST_BODY_NOT_JSON', { detail, rejection: { type } });
}

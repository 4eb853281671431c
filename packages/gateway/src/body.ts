import type { IncomingMessage } from 'node:http';
import { FragmentError, type Clock } from '@fragment/core';
import type { ByteHold } from './byte-budget.js';
import { decompressorFor, decompressWithin, tooLarge } from './inflate.js';
import { hostedBody } from './hosted-body.js';

/**
 * A body that is refused is read on and thrown away up to here: most clients look for an answer only after they have
 * sent everything, and closing earlier would make them see a reset instead of the answer, and send it all again.
 */
const DISCARD_BYTES = 16 * 1024 * 1024;

/** What packing may add to a body that does not shrink: frames and checksums. */
const PACKING_BYTES = 4_096;

export interface BodyOptions {
  readonly requestBytes: number;
  readonly requestTimeoutMs: number;
  readonly clock: Clock;
}

/**
 * The whole body, decompressed, within the limits. What it needs of the budget stays held until the caller lets go.
 * Below a host's body parser, which has consumed the stream, `req.body` takes its place.
 * @throws {FragmentError} FRAGMENT_INGEST_BODY_TOO_LARGE, _ENCODING, _INCOMPLETE, FRAGMENT_INGEST_OVERLOADED
 */
export async function readBody(req: IncomingMessage, hold: ByteHold, o: BodyOptions): Promise<Buffer> {
  // An empty body was read to its end without ever having been begun.
  if (req.readableDidRead || req.readableEnded) {
    const body = hostedBody(req, o.requestBytes);
    hold.resize(body.length);
    return body;
  }
  const { 'content-encoding': encoding } = req.headers;
  const raw = await collect(req, hold, o, encoding === undefined ? 0 : PACKING_BYTES);
  const decompress = decompressorFor(encoding);
  if (!decompress) {
    if (raw.length > o.requestBytes) throw tooLarge(o.requestBytes);
    return raw;
  }
  if (raw.length === 0) return raw;
  hold.resize(raw.length + o.requestBytes);
  const body = await decompressWithin(o.requestBytes, raw, decompress);
  hold.resize(body.length);
  return body;
}

function collect(req: IncomingMessage, hold: ByteHold, o: BodyOptions, allowance: number): Promise<Buffer> {
  const limit = o.requestBytes + allowance;
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    let refusal: Error | undefined;
    const refuse = (error: Error): void => {
      refusal = error;
      chunks = [];
      hold.release();
    };
    const timer = o.clock.setTimer(() => end(incomplete('It did not come in time.')), o.requestTimeoutMs);
    const end = (error?: Error): void => {
      timer.clear();
      if (error) reject(error);
      else resolve(joined(chunks, size));
    };

    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (refusal) {
        if (size > DISCARD_BYTES) end(refusal);
        return;
      }
      chunks.push(chunk);
      if (size > limit) refuse(tooLarge(o.requestBytes));
      else take(hold, size, refuse);
    });
    req.on('end', () => end(refusal));
    // A host may have let the connection end before it handed the request on.
    if (req.destroyed) end(aborted());
    req.on('close', () => req.complete || end(aborted()));

    const declared = Number(req.headers['content-length'] ?? 0);
    if (declared > limit) refuse(tooLarge(o.requestBytes));
    if (refusal && declared > DISCARD_BYTES) end(refusal);
  });
}

/** Most bodies come in one piece and need no copy. */
function joined(chunks: readonly Buffer[], size: number): Buffer {
  const [first] = chunks;
  return first && chunks.length === 1 ? first : Buffer.concat(chunks, size);
}

function take(hold: ByteHold, size: number, refuse: (error: Error) => void): void {
  try {
    hold.resize(size);
  } catch (error) {
    refuse(error as Error);
  }
}

const incomplete = (detail: string): FragmentError =>
  new FragmentError('FRAGMENT_INGEST_BODY_INCOMPLETE', { detail, rejection: {} });

const aborted = (): FragmentError => incomplete('The connection ended before all of it had come.');

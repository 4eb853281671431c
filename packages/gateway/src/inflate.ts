import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { FragmentError } from '@fragment/core';

type Decompress = (body: Buffer, o: { maxOutputLength: number }) => Promise<Buffer>;

const gzip: Decompress = promisify(gunzip);
const zlib: Decompress = promisify(inflate);
const raw: Decompress = promisify(inflateRaw);
const br: Decompress = promisify(brotliDecompress);
/** RFC 9110 means the zlib format by `deflate`; some clients send the bare stream. The low half byte of zlib's first is 8. */
const deflate: Decompress = (body, o) => (((body[0] ?? 0) & 0x0f) === 8 ? zlib(body, o) : raw(body, o));

const decompressors: Readonly<Record<string, Decompress>> = { gzip, 'x-gzip': gzip, deflate, br };

/** The decompressor for a Content-Encoding header; undefined when there is nothing to do. */
export function decompressorFor(encoding: string | undefined): Decompress | undefined {
  const name = encoding?.trim().toLowerCase();
  if (name === undefined || name === '' || name === 'identity') return undefined;
  const decompress = Object.hasOwn(decompressors, name) ? decompressors[name] : undefined;
  if (!decompress)
    throw refused(`Content-Encoding must be gzip, deflate, br or identity, and only one of them.`);
  return decompress;
}

/** The limit holds for what comes out, so a small body that unpacks to gigabytes ends after `limit` bytes. */
export async function decompressWithin(limit: number, body: Buffer, decompress: Decompress): Promise<Buffer> {
  try {
    return await decompress(body, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw refused('The body does not unpack as its Content-Encoding says.', error);
  }
}

export const tooLarge = (limit: number): FragmentError =>
  new FragmentError('FRAGMENT_INGEST_BODY_TOO_LARGE', {
    detail: `The body must not exceed ${limit} bytes, counted after decompression.`,
    rejection: {},
  });

const refused = (detail: string, cause?: unknown): FragmentError =>
  new FragmentError('FRAGMENT_INGEST_BODY_ENCODING', { detail, cause, rejection: {} });

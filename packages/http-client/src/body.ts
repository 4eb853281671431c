import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

const INFLATERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
} as const;

/** A body that was read up to a limit. */
export interface ReadBody {
  readonly text: string;
  /** Everything the server sent is in `text`. */
  readonly complete: boolean;
}

/** Inflates at most `maxBytes`: a body that would become larger is not held in memory. */
export async function decodeBody(
  { bytes, complete }: { readonly bytes: Buffer; readonly complete: boolean },
  encoding: string | undefined,
  maxBytes: number,
): Promise<ReadBody> {
  const name = encoding?.trim().toLowerCase() ?? 'identity';
  if (name === '' || name === 'identity' || bytes.length === 0) return { text: bytes.toString(), complete };
  if (!complete || !Object.hasOwn(INFLATERS, name)) return { text: '', complete: false };
  try {
    const inflated = await INFLATERS[name as keyof typeof INFLATERS](bytes, { maxOutputLength: maxBytes });
    return { text: inflated.toString(), complete: true };
  } catch {
    // Damaged, or larger than allowed: what the status says still holds.
    return { text: '', complete: false };
  }
}

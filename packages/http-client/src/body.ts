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

/** Reads at most `maxBytes`, and inflates to at most as many; the rest is never held in memory. Throws what the stream throws. */
export async function readBody(
  body: AsyncIterable<Uint8Array>,
  encoding: string | undefined,
  maxBytes: number,
): Promise<ReadBody> {
  const chunks: Uint8Array[] = [];
  let room = maxBytes;
  for await (const chunk of body) {
    chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
    if (room < 0) break;
  }
  const bytes = Buffer.concat(chunks);
  const name = encoding?.trim().toLowerCase() ?? 'identity';
  if (name === '' || name === 'identity' || bytes.length === 0)
    return { text: bytes.toString(), complete: room >= 0 };
  if (room < 0 || !Object.hasOwn(INFLATERS, name)) return { text: '', complete: false };
  try {
    const inflated = await INFLATERS[name as keyof typeof INFLATERS](bytes, { maxOutputLength: maxBytes });
    return { text: inflated.toString(), complete: true };
  } catch {
    // Damaged, or larger than allowed: what the status says still holds.
    return { text: '', complete: false };
  }
}

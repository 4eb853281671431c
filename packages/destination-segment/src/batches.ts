import type { PreparedJob } from './message.js';

/** Items of one request, in order. Never empty. */
export type Batch = readonly PreparedJob[];

const FRAME = { before: '{"batch":[', after: ']}' } as const;
const FRAME_BYTES = FRAME.before.length + FRAME.after.length;

/**
 * The body of a request. Nothing stands beside `batch`: a context or integrations there would be merged into every
 * item, and a time of sending would shift their timestamps.
 */
export function bodyOf(batch: Batch): string {
  return `${FRAME.before}${batch.map((item) => item.text).join(',')}${FRAME.after}`;
}

/** As few batches as the limit allows, keeping the order. */
export function intoBatches(items: readonly PreparedJob[], maxBytes: number): Batch[] {
  const batches: PreparedJob[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const more = item.bytes + 1;
    if (bytes + more > maxBytes) {
      batches.push([]);
      bytes = FRAME_BYTES;
    }
    batches.at(-1)?.push(item);
    bytes += more;
  }
  return batches;
}

/** Two halves, to find the item that spoils a batch. */
export function halvesOf(batch: Batch): [Batch, Batch] {
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
}

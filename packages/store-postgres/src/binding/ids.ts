import type { JobRef } from '@fragment/core';
import { isUuid } from './arrays.js';

/** A job's key in the tables; its public id is `<event id>.<seq>`. */
export interface JobKey {
  readonly eventId: string;
  readonly seq: number;
}

export const jobId = (eventId: string, seq: number): string => `${eventId}.${seq}`;

/** undefined for what cannot be the id of a job. */
export function parseJobId(id: string): JobKey | undefined {
  const eventId = id.slice(0, 36);
  const digits = id.slice(37);
  if (id[36] !== '.' || !isUuid(eventId) || !/^\d{1,5}$/.test(digits)) return undefined;
  const seq = Number(digits);
  return seq > 32_767 ? undefined : { eventId: eventId.toLowerCase(), seq };
}

export const parseJobIds = (ids: readonly string[]): JobKey[] =>
  ids.map(parseJobId).filter((key) => key !== undefined);

/** The smallest and the greatest event id: every statement by id lists names them, for range partitions to be skipped. */
export function bounds(ids: readonly string[]): [min: string | null, max: string | null] {
  let min: string | undefined;
  let max: string | undefined;
  for (const id of ids) {
    if (min === undefined || id < min) min = id;
    if (max === undefined || id > max) max = id;
  }
  return [min ?? null, max ?? null];
}

/** One reference per destination, in the order of the rows. */
export function refsByDestination(
  rows: readonly { readonly destination: string; readonly event_id: string; readonly seq: number }[],
  o: { readonly alone?: boolean } = {},
): JobRef[] {
  const lists = new Map<string, string[]>();
  for (const row of rows) {
    const list = lists.get(row.destination);
    if (list === undefined) lists.set(row.destination, [jobId(row.event_id, row.seq)]);
    else list.push(jobId(row.event_id, row.seq));
  }
  return [...lists].map(([destination, ids]) => ({ destination, ids, ...(o.alone ? { alone: true } : {}) }));
}

import type { Where } from '@fragment/core';

const TIMES = new Set(['receivedBefore', 'receivedAfter', 'createdBefore', 'createdAfter']);

/** A filter as text. */
export const writeWhere = (where: Where): string => JSON.stringify(where);

/** The same filter again: its times are dates, as they were. */
export const readWhere = (text: string): Where =>
  JSON.parse(text, (key, value: unknown) =>
    TIMES.has(key) && typeof value === 'string' ? new Date(value) : value,
  ) as Where;

import type { Found, Page } from '@fragment/core';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;
/** Counting stops here: a count must not cost more than the list. */
export const COUNT_CAP = 10_000;

export interface Window {
  readonly limit: number;
  readonly offset: number;
  readonly counted: boolean;
  /** The last id of the page before; null where the cursor is not one of ours. */
  readonly after?: readonly string[] | null;
}

const whole = (value: number | undefined, fallback: number, least: number, most: number): number =>
  value === undefined || Number.isNaN(value) ? fallback : Math.min(Math.max(Math.floor(value), least), most);

export function windowOf(page: Page, isKey: (key: readonly string[]) => boolean): Window {
  const limit = whole(page.limit, DEFAULT_LIMIT, 1, MAX_LIMIT);
  const counted = page.counted ?? true;
  if (page.cursor === undefined) return { limit, counted, offset: whole(page.offset, 0, 0, 2 ** 31) };
  const key = Buffer.from(page.cursor, 'base64url').toString('utf8').split(' ');
  return { limit, counted, offset: 0, after: isKey(key) ? key : null };
}

const cursorOf = (...key: readonly (string | number)[]): string =>
  Buffer.from(key.join(' ')).toString('base64url');

/** The page, from one row more than it holds: whether there is a next one. */
export function found<Row, T>(
  rows: readonly Row[],
  counted: number,
  { limit, offset }: Window,
  o: {
    readonly map: (rows: readonly Row[]) => readonly T[];
    readonly key: (row: Row) => readonly (string | number)[];
  },
): Found<T> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    items: o.map(page),
    count: Math.min(counted, COUNT_CAP),
    countIsCapped: counted > COUNT_CAP,
    limit,
    offset,
    ...(more ? { nextCursor: cursorOf(...o.key(last)) } : {}),
  };
}

export const nothing = <T>({ limit, offset }: Window): Found<T> => ({
  items: [],
  count: 0,
  countIsCapped: false,
  limit,
  offset,
});

import type { Found } from '@fragment/core';
import type { AdminQuery } from './query.js';

export interface JsonAnswer {
  readonly meta?: object;
  readonly data: unknown;
}

/** A page of a list in the ancestor's envelope. */
export function listAnswer<T>(
  found: Found<T>,
  query: AdminQuery,
  resource: (item: T) => unknown,
): JsonAnswer {
  const { limit, offset, cursor } = query.page;
  return {
    meta: {
      count: found.count,
      count_is_capped: found.countIsCapped,
      // A cursor knows the next page, not the number of this one.
      pagination: cursor === undefined ? pagination(found, limit, offset) : null,
      next_cursor: found.nextCursor ?? null,
      where: query.applied,
    },
    data: found.items.map(resource),
  };
}

/** The whole of a short list, cut into pages here. */
export function sliceAnswer<T>(
  all: readonly T[],
  query: AdminQuery,
  resource: (item: T) => unknown,
  where: object,
) {
  const { limit, offset } = query.page;
  const count = all.length;
  return {
    meta: {
      count,
      pagination: pagination({ count, countIsCapped: false }, limit, offset),
      where: { ...where, offset, limit },
    },
    data: all.slice(offset, offset + limit).map(resource),
  };
}

/** Pages count from 1. Where the count was capped there are more than `last` says, so there is always a next one. */
function pagination(
  { count, countIsCapped }: Pick<Found<unknown>, 'count' | 'countIsCapped'>,
  limit: number,
  offset: number,
) {
  const current = Math.floor(offset / limit) + 1;
  const last = Math.max(1, Math.ceil(count / limit));
  return {
    current,
    previous: current > 1 ? current - 1 : null,
    next: current < last || countIsCapped ? current + 1 : null,
    first: 1,
    last,
  };
}

/** A short list as it is. */
export const whole = (data: readonly unknown[]): JsonAnswer => ({ meta: { count: data.length }, data });

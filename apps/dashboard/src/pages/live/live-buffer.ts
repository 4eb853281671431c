import type { EventSummary } from '../../api/types.js';

/** What the live page shows, newest first, and what it holds back while it is paused. */
export interface LiveBuffer {
  readonly rows: readonly EventSummary[];
  /** What came while it was paused, newest first; undefined while it runs. */
  readonly held: readonly EventSummary[] | undefined;
  /** Rows that had to go because there is room for so many only. */
  readonly dropped: number;
}

export const LIVE_ROWS = 500;
export const EMPTY_BUFFER: LiveBuffer = { rows: [], held: undefined, dropped: 0 };

/**
 * Takes in what has come, oldest first. An event that is shown already changes in its place, also while paused; a new
 * one goes to the top. The oldest beyond {@link LIVE_ROWS} are dropped and counted.
 */
export function received(buffer: LiveBuffer, events: readonly EventSummary[]): LiveBuffer {
  const rows = updated(buffer.rows, events);
  const shown = new Set(rows.map(({ id }) => id));
  const news = latestById(events.filter(({ id }) => !shown.has(id)));
  if (buffer.held) {
    const { kept, dropped } = onTop(news, buffer.held);
    return { rows, held: kept, dropped: buffer.dropped + dropped };
  }
  const { kept, dropped } = onTop(news, rows);
  return { rows: kept, held: undefined, dropped: buffer.dropped + dropped };
}

export const paused = (buffer: LiveBuffer): LiveBuffer => ({ ...buffer, held: buffer.held ?? [] });

/** Goes on, with what was held back on top. */
export function resumed({ rows, held = [], dropped }: LiveBuffer): LiveBuffer {
  const all = [...held, ...rows];
  return {
    rows: all.slice(0, LIVE_ROWS),
    held: undefined,
    dropped: dropped + Math.max(0, all.length - LIVE_ROWS),
  };
}

/** New ones on top of those there are; one that is there already changes in its place. */
function onTop(news: readonly EventSummary[], before: readonly EventSummary[]) {
  const known = new Set(before.map(({ id }) => id));
  const added = news.filter(({ id }) => !known.has(id)).reverse();
  const all = [...added, ...updated(before, news)];
  return { kept: all.slice(0, LIVE_ROWS), dropped: Math.max(0, all.length - LIVE_ROWS) };
}

function updated(rows: readonly EventSummary[], events: readonly EventSummary[]): readonly EventSummary[] {
  const latest = new Map(events.map((event) => [event.id, event]));
  return rows.some(({ id }) => latest.has(id)) ? rows.map((row) => latest.get(row.id) ?? row) : rows;
}

const latestById = (events: readonly EventSummary[]): readonly EventSummary[] => [
  ...new Map(events.map((event) => [event.id, event])).values(),
];

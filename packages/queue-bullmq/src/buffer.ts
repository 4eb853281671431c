import type { JobRef } from '@fragment/core';
import type { Outgoing } from './message.js';

/** Ids in one message. */
const MAX_IDS = 500;
/** Ranges merged into one message. */
const MAX_MERGED = 100;
/** Time between the first and the last event of a merged range: a wider hint would make leases search too much. */
const MAX_SPAN_MS = 1_000;

interface Range {
  readonly due: number;
  from: string;
  to: string;
  merged: number;
}

interface List {
  readonly due: number;
  readonly ids: Set<string>;
  readonly alone: boolean;
}

type Entry = Range | List;

/**
 * References of one destination that wait to be sent, merged: ranges of events received close in time become one range,
 * ids become lists. Bounded: what does not fit is refused and counted by the caller.
 */
export class RefBuffer {
  readonly #limit: number;
  readonly #entries: Entry[] = [];
  /** The entry of each kind that still grows. */
  readonly #open = new Map<string, Entry>();
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many references wait: a range counts as one, a list as its ids. */
  get size(): number {
    return this.#size;
  }

  /** Returns how many references did not fit. */
  add(ref: JobRef, due: number): number {
    return 'ids' in ref
      ? this.#addIds(ref.ids, ref.alone === true, due)
      : this.#addRange(ref.from, ref.to, due);
  }

  /** Removes and returns the oldest messages, at most `max`. */
  take(max: number): Outgoing[] {
    const taken = this.#entries.splice(0, max);
    for (const entry of taken) {
      this.#size -= weight(entry);
      if (this.#open.get(kind(entry)) === entry) this.#open.delete(kind(entry));
    }
    return taken.map(toOutgoing);
  }

  /** Takes back what could not be sent; it is the next to be taken. */
  restore(messages: readonly Outgoing[]): void {
    const entries = messages.map(toEntry);
    this.#entries.unshift(...entries);
    for (const entry of entries) this.#size += weight(entry);
  }

  #addRange(from: string, to: string, due: number): number {
    const key = `range ${due}`;
    const open = this.#open.get(key);
    if (open !== undefined && 'from' in open && mergeable(open, from, to)) {
      if (from < open.from) open.from = from;
      if (to > open.to) open.to = to;
      open.merged += 1;
      return 0;
    }
    if (this.#size >= this.#limit) return 1;
    this.#push(key, { due, from, to, merged: 1 });
    return 0;
  }

  #addIds(ids: readonly string[], alone: boolean, due: number): number {
    const key = listKind(alone, due);
    let refused = 0;
    for (const id of ids) {
      let open = this.#open.get(key);
      if (open !== undefined && 'ids' in open && open.ids.has(id)) continue;
      if (this.#size >= this.#limit) {
        refused += 1;
        continue;
      }
      if (open === undefined || !('ids' in open) || open.ids.size >= MAX_IDS) {
        open = { due, ids: new Set(), alone };
        this.#push(key, open);
      }
      open.ids.add(id);
      this.#size += 1;
    }
    return refused;
  }

  #push(key: string, entry: Entry): void {
    this.#open.set(key, entry);
    this.#entries.push(entry);
    this.#size += weight(entry);
  }
}

function mergeable(range: Range, from: string, to: string): boolean {
  if (range.merged >= MAX_MERGED) return false;
  if (from >= range.from && to <= range.to) return true;
  const first = receivedAt(from < range.from ? from : range.from);
  const last = receivedAt(to > range.to ? to : range.to);
  if (first === undefined || last === undefined) return from <= range.to && to >= range.from;
  return last - first <= MAX_SPAN_MS;
}

/** The millisecond in a uuidv7 (RFC 9562 section 5.7); undefined for other ids. */
function receivedAt(id: string): number | undefined {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(id)
    ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
    : undefined;
}

function weight(entry: Entry): number {
  return 'ids' in entry ? entry.ids.size : 1;
}

function listKind(alone: boolean, due: number): string {
  return `${alone ? 'alone' : 'list'} ${due}`;
}

function kind(entry: Entry): string {
  return 'ids' in entry ? listKind(entry.alone, entry.due) : `range ${entry.due}`;
}

function toOutgoing(entry: Entry): Outgoing {
  if (!('ids' in entry)) return { message: { from: entry.from, to: entry.to }, due: entry.due };
  return { message: { ids: [...entry.ids], ...(entry.alone ? { alone: true } : {}) }, due: entry.due };
}

function toEntry({ message, due }: Outgoing): Entry {
  if ('from' in message) return { due, from: message.from, to: message.to, merged: MAX_MERGED };
  return { due, ids: new Set(message.ids), alone: message.alone === true };
}

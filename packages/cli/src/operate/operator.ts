import type { Where } from '@fragment/core';
import type { EventView, JobPage } from './views.js';

export type ChangeKind = 'retry' | 'discard';

export interface Preview {
  readonly count: number;
  readonly countIsCapped: boolean;
}

/** What became of a change: done already, or an order that a scheduler carries out. */
export type Change = { readonly count: number } | Ordered;

/** An order by its id, and how many it is about. */
export interface Ordered extends Preview {
  readonly order: string;
}

/** What an operator can see and do, on the store of a configuration or through the admin API of a running scheduler. */
export interface Operator {
  findJobs(where: Where, page: { readonly limit: number; readonly cursor?: string }): Promise<JobPage>;
  /** How many jobs the change would be about; of a purge, how many events. */
  preview(kind: ChangeKind | 'purge', where: Where): Promise<Preview>;
  change(kind: ChangeKind, where: Where, ratePerSecond: number | undefined): Promise<Change>;
  /** Orders that events are deleted; an empty filter means all. */
  purge(where: Where, ratePerSecond: number | undefined): Promise<Ordered>;
  /** New events, and known ones whose jobs have changed. */
  tail(where: Where, signal: AbortSignal): AsyncIterable<EventView>;
  close(): Promise<void>;
}

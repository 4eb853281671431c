import type { PlannedEvent, RejectedItem } from './events.js';
import type { AppendOutcome } from './store.js';

export type { Extraction } from './events.js';

/** What became of one request or in-process message. */
export interface IngestAnswer {
  /** The event, or a batch's parent, as planned. */
  readonly event: PlannedEvent;
  readonly outcome: AppendOutcome;
  /** Present for batches. */
  readonly batch?: BatchAnswer;
}

export interface BatchAnswer {
  readonly received: number;
  readonly stored: number;
  readonly duplicates: number;
  readonly rejected: readonly RejectedItem[];
  /** The items that were newly stored. */
  readonly events: readonly PlannedEvent[];
}

/** How often one thing has happened to what a trigger takes in, in this process. */
export interface IngestCount {
  readonly source: string;
  readonly trigger: string;
  /** Type of the message where it is known: `track`; else an empty text. */
  readonly type: string;
  /** `ignored` is what brings no event, `refused` what was answered with a fault of the sender. */
  readonly result: 'stored' | 'duplicate' | 'refused' | 'ignored' | 'overloaded' | 'unavailable';
  /** The code of a refusal, or the reason of what was ignored. */
  readonly reason?: string;
  readonly count: number;
}

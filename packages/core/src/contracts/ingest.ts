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

/** One trigger of one source, by their names. */
export interface TriggerRef {
  readonly source: string;
  readonly trigger: string;
}

/** `lost`: its process died while it ran; nobody runs it again. */
export type RunState = 'running' | 'succeeded' | 'failed' | 'lost';

/** What has not ended after this time never will: longer than a tick may take, its commit included. */
export const RUN_LOST_MS = 10 * 60_000;

/** One run of a cron trigger. */
export interface RunRecord extends TriggerRef {
  readonly id: string;
  /** The time that the schedule named; of a run by hand, when it was asked for. */
  readonly scheduledAt: Date;
  /** By the clock of the scheduler that ran it, as `finishedAt`. */
  readonly startedAt: Date;
  readonly finishedAt?: Date;
  readonly state: RunState;
  /** An operator asked for it. */
  readonly byHand: boolean;
  /** How many events it added, once it has succeeded. Nothing to add is a success. */
  readonly events?: number;
  /** The event that it added; of a batch, its parent. */
  readonly eventId?: string;
  /** Why it failed: code and sentence, as the log tells them. */
  readonly error?: RunError;
  /** Id of the scheduler that runs it: see {@link ServiceRecord}. */
  readonly service: string;
  /** Its host and process, `host:pid`: known also when that scheduler is long gone. */
  readonly process: string;
}

export interface RunError {
  readonly code: string;
  readonly message: string;
}

/** A run as its scheduler knows it: what became of it follows from the rest. */
export type RunEntry = Omit<RunRecord, 'state'>;

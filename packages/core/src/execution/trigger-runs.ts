import type { Extraction } from '../contracts/events.js';
import type { IngestAnswer } from '../contracts/ingest.js';
import type { RunEntry, RunError } from '../contracts/runs.js';
import type { CronTrigger, Source } from '../contracts/source.js';
import type { Store } from '../contracts/store.js';
import type { Clock, Logger } from '../contracts/toolkit.js';
import { errorRegistry } from '../errors/registry.js';
import { DeadlineError, withDeadline } from '../platform/deadline.js';
import type { Identity } from '../platform/identity.js';
import { describeError } from '../platform/logger.js';
import { newId, toolkit } from '../platform/toolkit.js';

/** With the commit that may follow still well within RUN_LOST_MS. */
const RUN_TIMEOUT_MS = 5 * 60_000;
const CODE_CHARACTERS = 100;
const MESSAGE_CHARACTERS = 1_000;

export interface TriggerRunParts {
  readonly store: Pick<Store, 'setRun'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly ingest: (source: Source, trigger: CronTrigger, extraction: Extraction) => Promise<IngestAnswer>;
  readonly identity: Identity;
}

export interface RunOrder {
  readonly scheduledAt: Date;
  readonly byHand: boolean;
  /** Called when it has ended, whatever became of it. Must not reject. */
  readonly after?: () => Promise<void>;
}

/** A run that has begun. Neither promise rejects: what goes wrong is kept and logged. */
export interface BegunRun {
  readonly entry: RunEntry;
  /** Resolves when the store knows of it, or could not be told. */
  readonly kept: Promise<void>;
  readonly ended: Promise<void>;
}

type Result = Pick<RunEntry, 'events' | 'eventId'> | { readonly error: RunError };

/** Runs cron triggers and keeps how each run went. What cannot be kept runs all the same. */
export class TriggerRuns {
  readonly #parts: TriggerRunParts;
  readonly #running = new Set<Promise<void>>();
  #stopped = AbortSignal.abort();
  #stop: () => void = () => undefined;

  constructor(parts: TriggerRunParts) {
    this.#parts = parts;
  }

  start(): void {
    const controller = new AbortController();
    this.#stopped = controller.signal;
    this.#stop = () => controller.abort();
  }

  /** Ends what runs and waits until that is kept. */
  async stop(): Promise<void> {
    this.#stop();
    await Promise.all(this.#running);
  }

  /** Is it started, and not stopped yet? */
  get open(): boolean {
    return !this.#stopped.aborted;
  }

  begin(source: Source, trigger: CronTrigger, { scheduledAt, byHand, after }: RunOrder): BegunRun {
    const { clock, identity } = this.#parts;
    const entry: RunEntry = {
      id: newId(),
      source: source.name,
      trigger: trigger.name,
      scheduledAt,
      startedAt: new Date(clock.now()),
      byHand,
      service: identity.scheduler,
      process: `${identity.host}:${identity.pid}`,
    };
    const kept = this.#keep(entry);
    const ended = this.#run(source, trigger, entry, kept)
      .then(after)
      .finally(() => this.#running.delete(ended));
    this.#running.add(ended);
    return { entry, kept, ended };
  }

  async #run(source: Source, trigger: CronTrigger, entry: RunEntry, kept: Promise<void>): Promise<void> {
    const result = await this.#result(source, trigger, entry.scheduledAt);
    const finishedAt = new Date(this.#parts.clock.now());
    await kept;
    await this.#keep({ ...entry, finishedAt, ...result });
  }

  async #result(source: Source, trigger: CronTrigger, scheduledAt: Date): Promise<Result> {
    const { clock, logger, ingest } = this.#parts;
    const tick = scheduledAt.toISOString();
    try {
      const extraction = await withDeadline(clock, RUN_TIMEOUT_MS, this.#stopped, (call) =>
        trigger.extract({ scheduledAt }, toolkit(logger, clock, call.signal)),
      );
      if (!extraction) return { events: 0 };
      return resultOf(await ingest(source, trigger, { messageId: `${trigger.name}@${tick}`, ...extraction }));
    } catch (error) {
      const name = `triggers/${source.name}/${trigger.name}`;
      logger.error({ ...describeError(error), trigger: name, tick }, 'a cron trigger failed');
      return { error: this.#errorOf(error) };
    }
  }

  #errorOf(error: unknown): RunError {
    if (error instanceof DeadlineError) {
      const code = this.open ? 'FRAGMENT_TRIGGER_TIMEOUT' : 'FRAGMENT_TRIGGER_STOPPED';
      return { code, message: errorRegistry[code].message };
    }
    const { code = 'FRAGMENT_TRIGGER_THREW', error: message } = describeError(error);
    return { code: code.slice(0, CODE_CHARACTERS), message: message.slice(0, MESSAGE_CHARACTERS) };
  }

  async #keep(entry: RunEntry): Promise<void> {
    try {
      await this.#parts.store.setRun(entry);
    } catch (error) {
      const { source, trigger, id } = entry;
      this.#parts.logger.warn(
        { ...describeError(error), trigger: `triggers/${source}/${trigger}`, run: id },
        'how a cron trigger ran could not be kept',
      );
    }
  }
}

/** How many events were new, and which. */
function resultOf({ event, outcome, batch }: IngestAnswer): Result {
  if (batch) return { events: batch.stored, ...(batch.stored > 0 ? { eventId: event.id } : {}) };
  switch (outcome.outcome) {
    case 'stored':
      return { events: 1, eventId: event.id };
    case 'refused':
      return { error: { code: outcome.code, message: outcome.message } };
    case 'duplicate':
    case 'skipped':
      return { events: 0 };
  }
}

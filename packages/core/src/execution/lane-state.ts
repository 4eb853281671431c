import type { BreakerSettings } from '../contracts/application.js';
import type { LaneRow, LaneState, Store } from '../contracts/store.js';
import type { Clock, Logger } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';
import { openMs } from './breaker.js';

type Closing = { readonly state: Exclude<LaneState, 'open'>; readonly reason: string; readonly until?: Date };

/**
 * Whether a lane may deliver, shared by all schedulers through the store. This process acts on a change at once and
 * the others within a second.
 */
export class LaneGate {
  readonly destination: string;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #breaker: BreakerSettings;
  #row: Omit<LaneRow, 'updatedAt'>;
  #writing = false;
  #writtenAt = Number.NEGATIVE_INFINITY;

  constructor(destination: string, store: Store, clock: Clock, logger: Logger, breaker: BreakerSettings) {
    this.destination = destination;
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    this.#breaker = breaker;
    this.#row = { destination, state: 'open', failures: 0 };
  }

  get state(): LaneState {
    return this.#row.state;
  }

  get isOpen(): boolean {
    return this.#row.state === 'open';
  }

  /** True when a closed lane has waited long enough: slowed ones open, tripped and held ones are probed. */
  get isDue(): boolean {
    return this.#row.until !== undefined && this.#row.until.getTime() <= this.#clock.now();
  }

  /**
   * Takes over what the store said; a change of this process that is newer than the reading wins.
   * @param readAt when the reading began, by this process's clock.
   */
  apply(row: LaneRow | undefined, readAt: number): void {
    if (this.#writing || this.#writtenAt >= readAt) return;
    const next: Omit<LaneRow, 'updatedAt'> = row ?? {
      destination: this.destination,
      state: 'open',
      failures: 0,
    };
    if (next.state !== this.#row.state) this.#report(next.state, next.reason);
    this.#row = next;
  }

  async slow(reason: string, waitMs: number): Promise<void> {
    if (this.#row.state === 'slowed' || this.#row.state === 'open') {
      await this.#close({ state: 'slowed', reason, until: this.#in(waitMs) }, this.#row.failures);
    }
  }

  async trip(reason: string): Promise<void> {
    const failures = this.#row.failures + 1;
    await this.#close(
      { state: 'tripped', reason, until: this.#in(openMs(failures, this.#breaker)) },
      failures,
    );
  }

  async hold(reason: string): Promise<void> {
    const failures = this.#row.state === 'held' ? this.#row.failures + 1 : 1;
    await this.#close({ state: 'held', reason, until: this.#in(openMs(failures, this.#breaker)) }, failures);
  }

  async open(): Promise<void> {
    await this.#write({ destination: this.destination, state: 'open', failures: 0 }, this.#row.state);
  }

  #in(ms: number): Date {
    return new Date(this.#clock.now() + ms);
  }

  async #close(closing: Closing, failures: number): Promise<void> {
    // A lane somebody paused stays paused: the operator's word stands above what deliveries say.
    if (this.#row.state === 'paused') return;
    await this.#write({ destination: this.destination, failures, ...closing }, this.#row.state);
  }

  async #write(row: Omit<LaneRow, 'updatedAt'>, expect: LaneState): Promise<void> {
    if (row.state !== this.#row.state) this.#report(row.state, row.reason);
    this.#row = row;
    this.#writing = true;
    try {
      await this.#store.setLane(row, { expect });
    } catch (error) {
      this.#logger.warn(
        { ...describeError(error), lane: this.destination },
        'the state of a lane could not be stored',
      );
    } finally {
      this.#writing = false;
      this.#writtenAt = this.#clock.now();
    }
  }

  #report(state: LaneState, reason: string | undefined): void {
    const fields = { lane: this.destination, state, ...(reason === undefined ? {} : { reason }) };
    if (state === 'held')
      this.#logger.error(fields, 'lane held: its jobs wait until the credentials are corrected');
    else if (state === 'open') this.#logger.info(fields, 'lane open');
    else this.#logger.warn(fields, 'lane closed for a while');
  }
}

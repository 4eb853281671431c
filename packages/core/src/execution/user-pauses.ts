import type { LeasedJob } from '../contracts/destination.js';
import type { Clock } from '../contracts/toolkit.js';

const MAX_USERS = 100_000;

/** Users a destination asked us to leave alone for a while, so that one busy user does not use up everybody's quota. */
export class UserPauses {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  pause(job: LeasedJob, ms: number): void {
    const user = userOf(job);
    if (user === undefined) return;
    if (this.#until.size >= MAX_USERS) this.#forgetEnded();
    if (this.#until.size < MAX_USERS) this.#until.set(user, this.#clock.now() + ms);
  }

  /** Milliseconds this job's user is still paused; 0 when not. */
  remaining(job: LeasedJob): number {
    if (this.#until.size === 0) return 0;
    const user = userOf(job);
    const until = user === undefined ? undefined : this.#until.get(user);
    if (user === undefined || until === undefined) return 0;
    const left = until - this.#clock.now();
    if (left <= 0) this.#until.delete(user);
    return Math.max(0, left);
  }

  #forgetEnded(): void {
    const now = this.#clock.now();
    for (const [user, until] of this.#until) if (until <= now) this.#until.delete(user);
  }
}

const userOf = (job: LeasedJob): string | undefined => job.event.userId ?? job.event.anonymousId;

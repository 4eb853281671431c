import type { LoadToolkit } from '@fragment/core';
import { withoutExchange, type JobVerdict } from '@fragment/http-client';

/** After this a call begins nothing new: what it has done must not be lost to its deadline. */
const beginWithinMs = 30_000;
const giveWayMs = 1000;

/** One call of `load`, which may write many contacts: what it has learnt of Mailchimp that concerns them all. */
export class Call {
  readonly t: LoadToolkit;
  readonly #endsAt: number;
  #stopped: JobVerdict | undefined;

  constructor(t: LoadToolkit) {
    this.t = t;
    this.#endsAt = t.clock.now() + beginWithinMs;
  }

  /** What becomes of a contact that is not written any more; undefined as long as writing makes sense. */
  get stopped(): JobVerdict | undefined {
    if (this.#stopped) return this.#stopped;
    return this.t.clock.now() < this.#endsAt ? undefined : late;
  }

  /** A wrong key or a throttle is not asked about again for each contact. */
  note(verdict: JobVerdict): void {
    if (verdict.outcome !== 'failed' || (verdict.hold === undefined && verdict.scope !== 'lane')) return;
    this.#stopped ??= withoutExchange(verdict);
  }
}

const late: JobVerdict = {
  outcome: 'failed',
  retryAfterMs: giveWayMs,
  error: {
    code: 'FRAGMENT_DELIVERY_UNAVAILABLE',
    message: 'Mailchimp took long over the contacts before this one, which waits for the next call.',
  },
};

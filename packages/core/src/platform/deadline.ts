import { setMaxListeners } from 'node:events';
import type { Clock } from '../contracts/toolkit.js';

/** The call did not end in time. What it still does is of no interest to anybody. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** What a call under a deadline may know of it. */
export class Call {
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  /** Aborts at the deadline. Made when somebody asks for it: most calls end in time, and a signal is not cheap. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}

/**
 * Waits for `work` at most `ms`; on the deadline, or when `outer` aborts, the signal of its call aborts and the wait
 * ends even if the work ignores it.
 */
export function withDeadline<T>(
  clock: Clock,
  ms: number,
  outer: AbortSignal,
  work: (call: Call) => Promise<T> | T,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const call = new Call();
    const release = (): void => {
      timer.clear();
      outer.removeEventListener('abort', onAbort);
    };
    const stop = (error: Error): void => {
      release();
      call.abort(error);
      reject(error);
    };
    const onAbort = (): void => stop(new DeadlineError('aborted'));
    const timer = clock.setTimer(() => stop(new DeadlineError(`no result after ${ms} ms`)), ms);
    // Dozens of calls wait on the one signal of their lease: no leak, so no warning.
    setMaxListeners(0, outer);
    outer.addEventListener('abort', onAbort, { once: true });
    started(work, call)
      .then(resolve, reject)
      .finally(release)
      .catch(() => undefined);
    if (outer.aborted) onAbort();
  });
}

/** A throw of the work itself is a rejection like any other. */
const started = async <T>(work: (call: Call) => Promise<T> | T, call: Call): Promise<T> => work(call);

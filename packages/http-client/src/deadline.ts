import { setMaxListeners } from 'node:events';

/**
 * The time one call has, joined with the caller's own signal. By hand, not with AbortSignal.any: that keeps a little
 * memory for every call as long as a long-lived signal lives.
 */
export class Deadline {
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #onOuter: () => void;
  #reason: 'timeout' | 'aborted' | undefined;
  #stop: (() => void) | undefined;
  #controller: AbortController | undefined;

  constructor(ms: number, outer: AbortSignal | undefined) {
    this.#outer = outer;
    this.#timer = setTimeout(() => this.#over('timeout'), ms);
    this.#onOuter = () => {
      const timedOut = (outer?.reason as Error | undefined)?.name === 'TimeoutError';
      this.#over(timedOut ? 'timeout' : 'aborted');
    };
    if (outer?.aborted === true) this.#onOuter();
    else if (outer) {
      // One call of `load` may have hundreds of requests in flight on its one signal: no leak, so no warning.
      setMaxListeners(Infinity, outer);
      outer.addEventListener('abort', this.#onOuter);
    }
  }

  /** Why it is over; undefined while it is not. */
  get reason(): 'timeout' | 'aborted' | undefined {
    return this.#reason;
  }

  /** For those who need a signal; made when somebody asks, because a signal costs more than all the rest of this. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Calls `stop` once when the time is over or the caller gave up, at once when that has been. */
  onStop(stop: () => void): void {
    if (this.#reason) stop();
    else this.#stop = stop;
  }

  /** Must be called when the call is over: drops the timer and the hold on the caller's signal. */
  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#onOuter);
    this.#stop = undefined;
  }

  #over(why: 'timeout' | 'aborted'): void {
    this.#reason ??= why;
    this.#controller?.abort();
    this.#stop?.();
  }
}

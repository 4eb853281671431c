import { setMaxListeners } from 'node:events';

/** The time one call has, joined with the caller's own signal. */
export interface Deadline {
  /** Aborts when the time is over or the caller gave up. */
  readonly signal: AbortSignal;
  /** Why it aborted; undefined while it has not. */
  readonly reason: () => 'timeout' | 'aborted' | undefined;
  /** Must be called when the call is over: drops the timer and the hold on the caller's signal. */
  readonly end: () => void;
}

/** By hand, not with AbortSignal.any: that keeps a little memory for every call as long as a long-lived signal lives. */
export function startDeadline(ms: number, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let reason: 'timeout' | 'aborted' | undefined;
  const stop = (why: 'timeout' | 'aborted') => {
    reason ??= why;
    controller.abort();
  };
  const onOuter = () =>
    stop((outer?.reason as Error | undefined)?.name === 'TimeoutError' ? 'timeout' : 'aborted');
  const timer = setTimeout(() => stop('timeout'), ms);
  if (outer?.aborted === true) onOuter();
  else if (outer) {
    // One call of `load` may have hundreds of requests in flight on its one signal: no leak, so no warning.
    setMaxListeners(Infinity, outer);
    outer.addEventListener('abort', onOuter);
  }
  return {
    signal: controller.signal,
    reason: () => reason,
    end() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onOuter);
    },
  };
}

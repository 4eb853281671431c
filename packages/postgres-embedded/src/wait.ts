import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again every few milliseconds until the answer is yes (true) or the time is up (false). */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    signal?.throwIfAborted();
    if (performance.now() >= deadline) return false;
    await sleep(5);
  }
  return true;
}

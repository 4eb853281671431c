import { setTimeout as sleep } from 'node:timers/promises';

export interface WaitOptions {
  /** Default 10,000. */
  readonly timeoutMs?: number;
  /** Pause between two looks; default 10. */
  readonly intervalMs?: number;
  /** What is waited for; part of the error. */
  readonly message?: string;
}

/**
 * Waits until `condition` returns something true, and returns that. A condition that throws counts as not yet true;
 * what it threw last is the cause of the error when the time is up.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 10, message = 'the condition' }: WaitOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline)
      throw new Error(`Waited ${timeoutMs} ms in vain for ${message}.`, { cause });
    await sleep(intervalMs);
  }
}

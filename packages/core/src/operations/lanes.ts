import type { Application } from '../contracts/application.js';
import { DeadlineError, withDeadline } from '../platform/deadline.js';
import { toolkit } from '../platform/toolkit.js';
import { destinationOf } from './registered.js';

const CHECK_TIMEOUT_MS = 15_000;

export async function pause(app: Application, name: string, reason?: string): Promise<void> {
  const { name: destination } = destinationOf(app, name);
  await app.store.setLane({
    destination,
    state: 'paused',
    failures: 0,
    reason: reason ?? 'paused by an operator',
  });
}

export async function resume(app: Application, name: string): Promise<void> {
  await app.store.setLane({ destination: destinationOf(app, name).name, state: 'open', failures: 0 });
}

export async function check(app: Application, name: string): Promise<'ok' | 'refused' | 'unknown'> {
  const destination = destinationOf(app, name);
  if (!destination.check) return 'unknown';
  try {
    return await withDeadline(app.clock, CHECK_TIMEOUT_MS, new AbortController().signal, async (call) => {
      return (await destination.check?.(toolkit(app.logger, app.clock, call.signal))) ?? 'unknown';
    });
  } catch (error) {
    if (error instanceof DeadlineError) return 'unknown';
    throw error;
  }
}

import type { Application } from '../contracts/application.js';
import type { Health, HealthCheck } from '../contracts/health.js';
import { describeError } from '../platform/logger.js';

/** What a readiness check may cost: everything behind it has a deadline of its own, this one is for the sum. */
export async function healthOf(app: Application): Promise<Health> {
  const checks = await Promise.all([
    probe('store', 'failed', () => app.store.ping()),
    probe('queue', 'warning', () => app.queue.ping()),
  ]);
  if (checks[0].status === 'ok') checks.push(...(await laneChecks(app)));
  const status =
    checks[0].status === 'failed'
      ? 'unavailable'
      : checks.every((c) => c.status === 'ok')
        ? 'ok'
        : 'degraded';
  return { status, checks };
}

async function probe(
  name: string,
  bad: 'warning' | 'failed',
  ping: () => Promise<void>,
): Promise<HealthCheck> {
  try {
    await ping();
    return { name, status: 'ok' };
  } catch (error) {
    return { name, status: bad, message: describeError(error).error };
  }
}

/** Closed lanes, and jobs of destinations nobody registered: they wait, and somebody should know. */
async function laneChecks(app: Application): Promise<HealthCheck[]> {
  try {
    const checks: HealthCheck[] = (await app.store.lanes())
      .filter((lane) => lane.state !== 'open')
      .map(({ destination, state, reason }) => ({
        name: `lane ${destination}`,
        status: 'warning',
        message: reason === undefined ? state : `${state}: ${reason}`,
      }));
    const known = new Set(app.destinations.map((d) => d.name));
    for (const destination of await app.store.destinations()) {
      if (known.has(destination)) continue;
      const message = 'has waiting jobs but is not registered; they stay until it is';
      checks.push({ name: `destination ${destination}`, status: 'warning', message });
    }
    return checks;
  } catch (error) {
    return [{ name: 'lanes', status: 'warning', message: describeError(error).error }];
  }
}

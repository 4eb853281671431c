import type { Report } from './report.js';
import type { Settings } from './settings.js';
import { checkPolicies } from './validate-policies.js';

/** Settings that may be 0, or a share. Everything else must be at least 1. */
const RANGES: Readonly<Record<string, readonly [from: number, to: number]>> = {
  'execution.keptExchangesPerSecond': [0, Infinity],
  'execution.retry.baseMs': [0, Infinity],
  'execution.retry.capMs': [0, Infinity],
  'execution.retry.retryAfterCapMs': [0, Infinity],
  'execution.breaker.failureRatio': [0, 1],
  'retention.dedupMs': [0, Infinity],
  'retention.eventsMs': [0, Infinity],
  'retention.rejectionsMs': [0, Infinity],
};

/** Reports every number out of its range, with its path. */
export function checkSettings(settings: Settings, report: Report): void {
  const { policies, ...retention } = settings.retention;
  for (const [path, value] of numbersOf({ ...settings, retention }, [])) {
    const [from, to] = RANGES[path.join('.')] ?? [1, Infinity];
    if (!(value >= from && value <= to)) {
      report(path, to === Infinity ? `must be ${from} or more` : `must be from ${from} to ${to}`);
    }
  }
  checkPolicies(policies, ['retention', 'policies'], report);
  const { leaseMs, renewMs } = settings.execution;
  if (renewMs >= leaseMs && leaseMs >= 1) {
    report(
      ['execution', 'renewMs'],
      'must be below execution.leaseMs, or every lease ends before it is renewed',
    );
  }
}

function* numbersOf(
  value: object,
  path: readonly string[],
): Generator<[path: readonly string[], value: number]> {
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    if (typeof item === 'number') yield [[...path, key], item];
    else if (typeof item === 'object' && item !== null) yield* numbersOf(item, [...path, key]);
  }
}

import { RUN_LOST_MS, type RunRecord, type TriggerRef } from '../contracts/runs.js';
import type { CronTrigger, Source } from '../contracts/source.js';
import type { Store } from '../contracts/store.js';
import type { Clock } from '../contracts/toolkit.js';
import { FragmentError } from '../errors/fragment-error.js';
import type { TriggerRuns } from './trigger-runs.js';

export interface ByHandParts {
  readonly sources: readonly Source[];
  readonly store: Pick<Store, 'lock' | 'lastRuns'>;
  readonly clock: Clock;
}

/** Runs a cron trigger because somebody wants it now: never while it runs already, here or elsewhere. */
export async function runByHand(parts: ByHandParts, runs: TriggerRuns, of: TriggerRef): Promise<RunRecord> {
  const { store, clock } = parts;
  const [source, trigger] = cronTriggerOf(parts.sources, of);
  if (!runs.open) throw new FragmentError('FRAGMENT_SCHEDULER_NOT_HERE');
  // Two who ask at once must not both find that nothing runs.
  const lock = await store.lock(`triggers/${of.source}/${of.trigger}/by-hand`, RUN_LOST_MS);
  if (!lock) throw new FragmentError('FRAGMENT_TRIGGER_RUNNING');
  try {
    const [last] = await store.lastRuns([of]);
    if (last?.state === 'running') throw new FragmentError('FRAGMENT_TRIGGER_RUNNING');
    const { entry, kept } = runs.begin(source, trigger, {
      scheduledAt: new Date(clock.now()),
      byHand: true,
      after: () => lock.release(),
    });
    await kept;
    return { ...entry, state: 'running' };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function cronTriggerOf(sources: readonly Source[], of: TriggerRef): [Source, CronTrigger] {
  const source = sources.find(({ name }) => name === of.source);
  const trigger = source?.triggers.find(({ name }) => name === of.trigger);
  if (!source || !trigger) {
    throw new FragmentError('FRAGMENT_INGEST_TRIGGER_UNKNOWN', {
      detail: `There is no ${of.source}/${of.trigger}.`,
    });
  }
  if (trigger.mode !== 'cron') throw new FragmentError('FRAGMENT_TRIGGER_NOT_SCHEDULED');
  return [source, trigger];
}

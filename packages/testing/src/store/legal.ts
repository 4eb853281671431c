import assert from 'node:assert/strict';
import type { Store, Transition, TransitionState } from '@fragment/core';

/** From each status, those that may follow. Everything else is a fault of the store. */
const LEGAL: Readonly<Record<TransitionState | 'none', readonly TransitionState[]>> = {
  none: ['acknowledged'],
  acknowledged: ['awaiting'],
  awaiting: ['executing', 'discarded'],
  executing: ['succeeded', 'failed', 'discarded', 'unknown'],
  failed: ['executing', 'discarded'],
  unknown: ['executing', 'discarded'],
  discarded: ['awaiting'],
  succeeded: [],
};

/** The changes of a job's status that are not legal, or do not follow from one another; empty when all is well. */
export function illegalTransitions(transitions: readonly Transition[]): string[] {
  const faults: string[] = [];
  let state: TransitionState | null = null;
  for (const { id, stateBefore, stateAfter } of transitions) {
    if (stateBefore !== state)
      faults.push(`${id} starts from ${String(stateBefore)} where the job was ${String(state)}`);
    if (!LEGAL[stateBefore ?? 'none'].includes(stateAfter))
      faults.push(`${id} leads from ${String(stateBefore)} to ${stateAfter}`);
    state = stateAfter;
  }
  return faults;
}

/** Expects a job's history to be legal, to end with its status, and to be told by these states. */
export async function assertHistory(
  store: Store,
  jobId: string,
  states: readonly TransitionState[],
): Promise<readonly Transition[]> {
  const transitions = await store.findTransitions(jobId);
  assert.deepEqual(illegalTransitions(transitions), []);
  assert.deepEqual(
    transitions.map((transition) => transition.stateAfter),
    ['acknowledged', 'awaiting', ...states],
  );
  assert.deepEqual(
    transitions.map(({ id }) => id),
    transitions.map((_, index) => `${jobId}.${index + 1}`),
  );
  const job = await store.findJob(jobId);
  assert.equal(transitions.at(-1)?.stateAfter, job?.status);
  return transitions;
}

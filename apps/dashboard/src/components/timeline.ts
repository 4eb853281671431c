import type { Exchange, Job, JobError, JobStatus, Transition, TransitionState } from '../api/types.js';

/** Will it be delivered by itself? */
export const isOpen = (status: JobStatus): boolean => !['succeeded', 'discarded'].includes(status);

/** Something that lasts: a job waits, or an attempt runs. */
export interface Span {
  readonly kind: 'wait' | 'run';
  /** What it ended as; the state it is still in while it lasts. */
  readonly state: TransitionState;
  readonly from: number;
  /** The given now while it lasts. */
  readonly to: number;
}

/** What a job did from its first transition to its last, without gaps; up to `now` while it is not finished. */
export function spansOf(transitions: readonly Transition[], now: number): readonly Span[] {
  return transitions.flatMap((transition, at): readonly Span[] => {
    const next = transitions[at + 1];
    const state = transition.state_after;
    if (!next && (state === 'succeeded' || state === 'discarded')) return [];
    const from = Date.parse(transition.created_at);
    const to = next ? Date.parse(next.created_at) : Math.max(now, from);
    return [{ kind: state === 'executing' ? 'run' : 'wait', state: next?.state_after ?? state, from, to }];
  });
}

/** One try. */
export interface Attempt {
  readonly attempt: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly state: TransitionState;
  readonly waitedMs: number;
  readonly durationMs: number | null;
  /** When the next try began, or is due; null where none follows. */
  readonly nextAt: string | null;
  readonly error: JobError | null;
  /** What went over the wire: it is kept of every try that did not succeed, and of some that did. */
  readonly exchange: Exchange | null;
}

/** The tries of a job, from its history. What ended it without a try (too old, an operator) is none. */
export function attemptsOf(
  job: Pick<Job, 'status' | 'due_at'>,
  transitions: readonly Transition[],
): readonly Attempt[] {
  return transitions.flatMap((transition, at): readonly Attempt[] => {
    if (transition.state_after !== 'executing') return [];
    const before = transitions[at - 1] ?? transition;
    const end = transitions[at + 1];
    const next = transitions.slice(at + 1).find(({ state_after: state }) => state === 'executing');
    const startedMs = Date.parse(transition.created_at);
    return [
      {
        attempt: transition.attempt,
        startedAt: transition.created_at,
        endedAt: end?.created_at ?? null,
        state: end?.state_after ?? 'executing',
        waitedMs: startedMs - Date.parse(before.created_at),
        durationMs: end ? Date.parse(end.created_at) - startedMs : null,
        nextAt: next?.created_at ?? (end && isOpen(job.status) ? job.due_at : null),
        error: end?.error ?? null,
        exchange: end ? exchangeOf(end) : null,
      },
    ];
  });
}

/** The HTTP status of a transition, of whatever it was told with. */
export const statusOf = ({ error, exchange }: Transition): number | null =>
  error?.statusCode ?? exchange?.status ?? null;

function exchangeOf(transition: Transition): Exchange | null {
  const { error } = transition;
  if (error === null) return transition.exchange;
  const { request, response } = error;
  const status = statusOf(transition);
  return status === null && request === null && response === null ? null : { status, request, response };
}

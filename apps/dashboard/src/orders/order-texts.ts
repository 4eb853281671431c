import type { BulkKind, Role } from '../api/types.js';
import { formatNumberOf } from '../format/number.js';

interface KindTexts {
  readonly verb: string;
  /** What one of them is. */
  readonly unit: string;
  readonly done: string;
  /** What it means, before it is ordered. */
  readonly meaning: string;
  /** What a rate is good for. */
  readonly pace: string;
  /** Who may order it. */
  readonly needs: Role;
  readonly danger: boolean;
  /** Has to be typed first. */
  readonly typed?: string;
}

const LANE_PACE = 'Spares a destination that has just recovered. The limits of its lane hold in any case.';

export const KINDS: Readonly<Record<BulkKind, KindTexts>> = {
  retry: {
    verb: 'Retry',
    unit: 'job',
    done: 'retried',
    meaning:
      'The jobs run again at once: their attempts start from zero, their history stays. Jobs that have succeeded or are under way are left alone.',
    pace: LANE_PACE,
    needs: 'operate',
    danger: false,
  },
  discard: {
    verb: 'Discard',
    unit: 'job',
    done: 'discarded',
    meaning:
      'The jobs end here and are not delivered. Those that have ended already are left alone. A retry brings a discarded job back.',
    pace: LANE_PACE,
    needs: 'operate',
    danger: true,
  },
  replay: {
    verb: 'Replay',
    unit: 'event',
    done: 'added',
    meaning:
      'The events of these jobs go through their flows again, and all the jobs that come of it are added. Destinations that have an event already get it once more; to deliver only what failed, retry.',
    pace: LANE_PACE,
    needs: 'operate',
    danger: false,
  },
  purge: {
    verb: 'Delete',
    unit: 'event',
    done: 'deleted',
    meaning:
      'The events go for good, with their jobs and attempts. An event stays as long as a job of it has not ended; where the filter names statuses, all of its jobs have to be of them. Their message keys stay: a late repeat is no new event.',
    pace: 'Spares the database while events come in.',
    needs: 'admin',
    danger: true,
    typed: 'delete',
  },
};

/** `Retry 500 jobs`. */
export const orderLabel = (kind: BulkKind, count: number, capped: boolean): string =>
  `${KINDS[kind].verb} ${formatNumberOf(count, KINDS[kind].unit, capped)}`;

import type { BulkKind } from '../api/types.js';
import { formatNumberOf } from '../format/number.js';

interface KindTexts {
  readonly verb: string;
  /** What one of them is. */
  readonly unit: string;
  readonly done: string;
  /** What it means, before it is ordered. */
  readonly meaning: string;
}

export const KINDS: Readonly<Record<BulkKind, KindTexts>> = {
  retry: {
    verb: 'Retry',
    unit: 'job',
    done: 'retried',
    meaning:
      'The jobs run again at once: their attempts start from zero, their history stays. Jobs that have succeeded or are under way are left alone.',
  },
  discard: {
    verb: 'Discard',
    unit: 'job',
    done: 'discarded',
    meaning:
      'The jobs end here and are not delivered. Those that have ended already are left alone. A retry brings a discarded job back.',
  },
  replay: {
    verb: 'Replay',
    unit: 'event',
    done: 'added',
    meaning:
      'The events of these jobs go through their flows again, and all the jobs that come of it are added. Destinations that have an event already get it once more; to deliver only what failed, retry.',
  },
};

/** `Retry 500 jobs`. */
export const orderLabel = (kind: BulkKind, count: number, capped: boolean): string =>
  `${KINDS[kind].verb} ${formatNumberOf(count, KINDS[kind].unit, capped)}`;

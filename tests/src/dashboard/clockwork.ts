import type { CronTrigger, Source } from '@fragment/core';
import { segmentflow } from '@fragment/segmentflow';
import { rest } from '@fragment/source-rest';

/** What takes in what the SDKs send, and a source that runs by itself. */
export const withClockwork = (): readonly Source[] => [rest({ flows: segmentflow }), clockwork()];

/** Its schedules never come due within a test: one finds something, one finds nothing, one fails. */
function clockwork(): Source {
  const schedule = (name: string, extract: CronTrigger['extract']): CronTrigger => ({
    name,
    mode: 'cron',
    schedule: '@yearly',
    extract,
  });
  return {
    name: 'clock',
    triggers: [
      schedule('report', ({ scheduledAt }) => ({ data: { until: scheduledAt.toISOString() } })),
      schedule('quiet', () => undefined),
      schedule('broken', () =>
        Promise.reject(
          Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' }),
        ),
      ),
    ],
  };
}

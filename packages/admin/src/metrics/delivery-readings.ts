import { ATTEMPT_BOUNDS, type Application } from '@fragment/core';
import { LATENCY_BOUNDS_S } from './ingest-readings.js';
import { histogram, summed, type Reading } from './reading.js';

export function deliveryReadings(app: Application): readonly Reading[] {
  return [
    {
      name: 'fragment_jobs_total',
      help: 'Tries of jobs, by the status they left the job in',
      type: 'counter',
      read: () =>
        summed(
          app.deliveryCounts().map(({ destination, action, result, count }) => ({
            labels: { destination, action, status: result },
            value: count,
          })),
        ),
    },
    {
      name: 'fragment_delivery_seconds',
      help: 'From the receipt of an event to its delivery, of the jobs that succeeded',
      type: 'histogram',
      read: () =>
        histogram(
          'fragment_delivery_seconds',
          LATENCY_BOUNDS_S,
          app
            .deliveryCounts()
            .filter(({ result }) => result === 'succeeded')
            .map(({ destination, latency, totalMs }) => ({
              labels: { destination },
              buckets: latency,
              sum: totalMs / 1_000,
            })),
        ),
    },
    attempts(app),
    {
      name: 'fragment_sweeper_last_run_timestamp_seconds',
      help: 'When this process last swept; absent where it never did: one process of all sweeps at a time',
      type: 'gauge',
      read: () => {
        const sweptAt = app.execution.sweptAt();
        return sweptAt ? [{ labels: {}, value: sweptAt.getTime() / 1_000 }] : [];
      },
    },
  ];
}

const attempts = (app: Application): Reading => ({
  name: 'fragment_attempts',
  help: 'Tries a job took until it ended',
  type: 'histogram',
  read: () =>
    histogram(
      'fragment_attempts',
      ATTEMPT_BOUNDS,
      app
        .deliveryCounts()
        .filter(({ result }) => result === 'succeeded' || result === 'discarded')
        .map(({ destination, attempts, totalAttempts }) => ({
          labels: { destination },
          buckets: attempts,
          sum: totalAttempts,
        })),
    ),
});

import { silentLogger, systemClock, type Application } from '@fragment/core';
import { at } from './samples.fixture.js';

export const app = {
  name: 'fragment',
  logger: silentLogger,
  clock: systemClock,
  retention: {
    dedupMs: 1,
    rejectionsMs: 2,
    statisticsMs: 3,
    policies: [{ where: { events: { typesIn: ['page'] } }, olderThanMs: 4 }],
  },
  health: () => Promise.resolve({ status: 'ok', checks: [{ name: 'store', status: 'ok' }] }),
  store: { name: 'postgres' },
  queue: { name: 'bullmq' },
  sources: [
    {
      name: 'rest',
      options: { prefix: '/x' },
      triggers: [
        {
          name: 'track',
          mode: 'http',
          route: { methods: ['POST'], path: '/v1/track', showMeta: true },
          flows: [{ name: 'all' }],
        },
        { name: 'tick', mode: 'cron', schedule: '@every 20s' },
        { name: 'topic', mode: 'subscription', topic: 't' },
        { name: 'cdc', mode: 'cdc' },
      ],
    },
  ],
  destinations: [
    {
      name: 'amplitude',
      accepts: 'segment',
      schedule: { realtime: true, maxRetries: 3 },
      versions: { default: '2', supported: { '1': at, '2': null } },
      actions: [
        { name: 'track', batch: { maxJobs: 10 }, schedule: { interval: '@daily' } },
        { name: 'identify' },
      ],
    },
    { name: 'warehouse (main)', actions: [] },
  ],
} as unknown as Application;

import {
  LATENCY_BOUNDS_MS,
  type BulkRecord,
  type ErasureReceipt,
  type EventRecord,
  type JobRecord,
  type RunRecord,
  type ServiceRecord,
  type Statistics,
} from '@fragment/core';

export const at = new Date('2026-01-02T03:04:05.678Z');
export const eventId = '0190b0f0-0000-7000-8000-000000000001';
export const job: JobRecord = {
  id: `${eventId}.0`,
  eventId,
  seq: 0,
  destination: 'amplitude',
  action: 'track',
  status: 'discarded',
  attempt: 1,
  lostLeases: 0,
  createdAt: at,
  dueAt: at,
  startedAt: at,
  finishedAt: at,
  lastError: { code: 'FRAGMENT_DELIVERY_REJECTED', message: 'no such user', status: 400 },
};
export const event: EventRecord = {
  id: eventId,
  source: 'rest',
  trigger: 'track',
  type: 'track',
  messageId: 'm1',
  timestamp: at,
  receivedAt: at,
  ingestedAt: at,
  data: '{"event":"Order"}',
  envelope: '{"context":{"ip":"1.2.3.4"}}',
  jobs: [job],
};

export const bulk: BulkRecord = {
  id: '0190b0f0-0000-7000-8000-00000000000b',
  kind: 'retry',
  where: { jobs: { statusIn: ['discarded'], createdAfter: at } },
  state: 'running',
  total: 9,
  totalIsCapped: false,
  done: 3,
  visited: 4,
  actor: 'jane',
  createdAt: at,
};
const latency = (bucket: number): number[] =>
  Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, (_, i) => (i === bucket ? 10 : 0));
export const statistics: Statistics = {
  range: { from: at, to: new Date(at.getTime() + 60_000), stepMs: 60_000 },
  rows: [
    { minute: at, of: 'ingest', source: 'rest', type: 'track', result: 'stored', count: 5 },
    { minute: at, of: 'ingest', source: 'rest', type: 'page', result: 'stored', count: 2 },
    {
      minute: at,
      of: 'delivery',
      destination: 'amplitude',
      action: 'track',
      result: 'succeeded',
      count: 10,
      latency: latency(5),
    },
    {
      minute: at,
      of: 'delivery',
      destination: 'amplitude',
      action: 'track',
      result: 'failed',
      count: 1,
      latency: latency(9),
    },
  ],
};
export const receipt: ErasureReceipt = {
  id: eventId,
  at,
  actor: 'jane',
  subject: 'ab'.repeat(32),
  events: 1,
  jobs: 2,
  attempts: 3,
  keys: 1,
  rejections: 0,
};

export const failureGroup = {
  destination: 'amplitude',
  action: 'track',
  status: 'discarded',
  code: 'FRAGMENT_DELIVERY_REJECTED',
  message: 'no such user',
  count: 2,
  firstAt: at,
  lastAt: at,
  sampleJobId: job.id,
};
export const service: ServiceRecord = {
  id: '0190b0f0-0000-7000-8000-00000000005e',
  service: 'scheduler',
  application: 'fragment',
  host: 'box',
  pid: 7,
  address: 'http://127.0.0.1:9091',
  startedAt: at,
  seenAt: at,
  gone: false,
};
const tick = { source: 'rest', trigger: 'tick', scheduledAt: at, startedAt: at, byHand: false };
const runner = { service: service.id, process: 'box:7' };
/** The last one is under way. */
export const runs: readonly RunRecord[] = [
  { ...tick, ...runner, id: '0190b0f0-0000-7000-8000-000000000102', state: 'running' },
  {
    ...tick,
    ...runner,
    id: '0190b0f0-0000-7000-8000-000000000101',
    state: 'failed',
    finishedAt: at,
    error: { code: 'ECONNREFUSED', message: 'nobody there' },
  },
];
export const audit = { id: '1', at, actor: 'jane', action: 'lane.pause', outcome: 'ok' };
export const rejection = {
  id: 'r1',
  source: 'rest',
  trigger: 'track',
  index: 3,
  code: 'X',
  message: 'Bad Request',
  receivedAt: at,
};

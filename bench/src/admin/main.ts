// `pnpm bench:admin [--events N] [--rounds N] [--seconds N] [--rate N] [--pace MS]`: what the admin API costs with a full
// store, and what it costs the ingest beside it.
import { parseArgs } from 'node:util';
import { testPostgres, testRedis } from '@fragment/testing';
import { postgresStore } from '@fragment/store-postgres';
import { freePort, startPart } from '../processes.js';
import { median } from '../report.js';
import { startSink } from '../sink.js';
import { ask, type Asked } from './ask.js';
import { fill } from './fill.js';
import { questions } from './questions.js';
import { costs } from './cpu.js';
import { adminReport, costReport } from './report.js';
import { traffic, type Traffic } from './traffic.js';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '100' },
    pace: { type: 'string', default: '1000' },
  },
});
const events = Number(values.events);
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const eventsPerSecond = Number(values.rate);
const paceMs = Number(values.pace);

const postgres = await testPostgres({
  own: true,
  durable: true,
  settings: { shared_buffers: '1GB', max_wal_size: '8GB' },
});
const redis = await testRedis({ own: true });
const sink = await startSink();
try {
  const o = { postgres: postgres.url, sink: sink.url, ...(redis ? { redis: redis.url } : {}) };
  const store = postgresStore({ connection: o.postgres });
  await store.migrate();
  await store.close();
  const filled = await fill(o.postgres, events);
  const [gatewayPort, schedulerPort] = [await freePort(), await freePort()];
  const gateway = await startPart('fragmentGateway', { ...o, port: gatewayPort });
  const scheduler = await startPart('fragmentScheduler', { ...o, port: schedulerPort });
  const load = { port: gatewayPort, eventsPerSecond };
  const base = `http://127.0.0.1:${schedulerPort}/admin/api`;
  const alone: Traffic[] = [];
  const beside: Traffic[] = [];
  const asked: Asked[] = [];
  try {
    const cpu = await costs(base, questions(events), { postgres: o.postgres, scheduler });
    process.stdout.write(costReport(cpu));
    if (rounds > 0) await traffic({ ...load, seconds: 5 });
    for (let round = 0; round < rounds; round += 1) {
      const withAdmin = async (): Promise<void> => {
        const [ingest, answers] = await Promise.all([
          traffic({ ...load, seconds }),
          ask(base, questions(events), { seconds, paceMs, firstRound: round * 1_000 }),
        ]);
        beside.push(ingest);
        asked.push(...answers);
      };
      // Who goes first changes, so that neither always finds the machine warmer.
      if (round % 2 === 1) await withAdmin();
      alone.push(await traffic({ ...load, seconds }));
      if (round % 2 === 0) await withAdmin();
      process.stderr.write(`round ${round + 1} of ${rounds} done\n`);
    }
  } finally {
    await Promise.all([gateway.stop(), scheduler.stop()]);
  }
  if (rounds > 0) {
    const ratio = median(alone.map((traffic, at) => (beside[at]?.p99Ms ?? 0) / traffic.p99Ms));
    process.stdout.write(adminReport({ filled, asked, alone, beside, ratio, eventsPerSecond }));
  }
} finally {
  await sink.stop();
  await redis?.stop();
  await postgres.stop();
}

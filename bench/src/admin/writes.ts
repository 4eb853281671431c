// `node bench/dist/admin/writes.js [--rounds N]`: what the indexes that operators search by cost whoever writes.
import { parseArgs } from 'node:util';
import { newId, type LeasedJob, type PlannedEvent, type Store } from '@fragment/core';
import { postgresStore } from '@fragment/store-postgres';
import { testPostgres } from '@fragment/testing';
import pg from 'pg';
import { trackEvent } from '../event.js';
import { DESTINATIONS } from '../part.js';
import { median } from '../report.js';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '600' } } });
const rounds = Number(values.rounds);
const EVENTS = 32;
const ACTION = 'track';
const WHOLE = { from: '00000000-0000-0000-0000-000000000000', to: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };

/** What is taken away from the schema as it is shipped. `$` stands for its name. */
const variants: readonly { readonly name: string; readonly without: readonly string[] }[] = [
  { name: 'as shipped', without: [] },
  { name: 'without the search index of events', without: ['drop index $.events_search'] },
  { name: 'without that of jobs', without: ['drop index $.jobs_search'] },
  {
    name: 'without reasons in the index of errors',
    without: [
      'drop index $.jobs_error',
      'alter table $.jobs drop column reason, drop column discarded_at',
      'create index jobs_error on $.jobs (event_id, seq) where last_error is not null',
    ],
  },
];

interface Times {
  readonly append: number[];
  readonly lease: number[];
  readonly succeed: number[];
  readonly discard: number[];
}

let sent = 0;
function planned(): PlannedEvent {
  const now = new Date();
  const data = trackEvent();
  sent += 1;
  return {
    id: newId(),
    source: 'rest',
    trigger: ACTION,
    type: ACTION,
    messageId: `m-${sent}`,
    userId: `user-${(sent * 7_919) % 131_072}`,
    anonymousId: `device-${(sent * 7_919) % 262_144}`,
    name: 'Order Completed',
    timestamp: now,
    receivedAt: now,
    data,
    jobs: DESTINATIONS.map((destination, seq) => ({ seq, destination, action: ACTION })),
  };
}

/** Microseconds of each piece of the work. */
async function timed<T>(times: number[], pieces: number, work: () => Promise<T>): Promise<T> {
  const begin = performance.now();
  const result = await work();
  times.push(((performance.now() - begin) * 1_000) / pieces);
  return result;
}

async function round(store: Store, times: Times): Promise<void> {
  const events = Array.from({ length: EVENTS }, planned);
  await timed(times.append, EVENTS, () => store.append(events));
  const [from, to] = [events[0]?.id ?? WHOLE.from, events.at(-1)?.id ?? WHOLE.to];
  for (const destination of DESTINATIONS) {
    const request = { ref: { destination, from, to }, actions: [ACTION], limit: EVENTS, leaseMs: 60_000 };
    const jobs = await timed(times.lease, EVENTS, () => store.lease(request));
    const discards = destination === DESTINATIONS[0];
    await timed(discards ? times.discard : times.succeed, EVENTS, () =>
      store.settle(jobs.map((job) => settlement(job, discards))),
    );
  }
}

const settlement = ({ id, token, attempt }: LeasedJob, discards: boolean) =>
  discards
    ? ({ id, token, attempt, outcome: 'discarded', error: { code: 'refused', message: 'No.' } } as const)
    : ({ id, token, attempt, outcome: 'succeeded' } as const);

const postgres = await testPostgres({ own: true, durable: true, settings: { shared_buffers: '512MB' } });
const client = new pg.Client({ connectionString: postgres.url });
await client.connect();
const stores: { readonly name: string; readonly store: Store; readonly times: Times }[] = [];
try {
  for (const [n, { name, without }] of variants.entries()) {
    const schema = `writes_${n}`;
    const store = postgresStore({ connection: postgres.url, schema, poolSize: 1 });
    await store.migrate();
    for (const statement of without) await client.query(statement.replace('$', schema));
    stores.push({ name, store, times: { append: [], lease: [], succeed: [], discard: [] } });
  }
  // They take turns, and each turn begins with another one.
  for (let n = 0; n < rounds; n += 1) {
    for (let turn = 0; turn < stores.length; turn += 1) {
      const of = stores[(n + turn) % stores.length];
      if (of) await round(of.store, of.times);
    }
  }
  process.stdout.write(
    '| microseconds | append, an event with 3 jobs | lease, a job | settle, succeeded | settle, discarded |\n| --- | --- | --- | --- | --- |\n',
  );
  for (const { name, times } of stores) {
    const cells = [times.append, times.lease, times.succeed, times.discard].map((each) =>
      median(each).toFixed(1),
    );
    process.stdout.write(`| ${name} | ${cells.join(' | ')} |\n`);
  }
} finally {
  await Promise.all(stores.map(({ store }) => store.close()));
  await client.end();
  await postgres.stop();
}

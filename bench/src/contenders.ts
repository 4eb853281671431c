import { Queue, createPostgresBackend } from 'bullmq';
import { Redis } from 'ioredis';
import { postgresStore } from '@fragment/store-postgres';
import pg from 'pg';
import { naiveSchema } from './naive.js';
import type { PartOptions } from './part.js';
import { queueOf } from './queue.js';

/** A pipeline under measurement. */
export interface Contender {
  readonly name: 'fragment' | 'naive';
  /** Creates its schema, or empties it. */
  prepare(o: PartOptions): Promise<void>;
  /** Events in its store. */
  events(o: PartOptions): Promise<number>;
  /** Jobs that are delivered and stored as such. */
  delivered(o: PartOptions): Promise<number>;
}

async function query(o: PartOptions, text: string): Promise<number> {
  const client = new pg.Client({ connectionString: o.postgres });
  await client.connect();
  try {
    const { rows } = await client.query<{ n: string }>(text);
    return Number(rows[0]?.n ?? 0);
  } finally {
    await client.end();
  }
}

async function emptyQueue(o: PartOptions): Promise<void> {
  if (o.redis === undefined) return;
  const redis = new Redis(o.redis);
  await redis.flushall();
  await redis.quit();
}

export const fragment: Contender = {
  name: 'fragment',
  async prepare(o) {
    const store = postgresStore({ connection: o.postgres });
    await store.migrate();
    await store.close();
    await query(
      o,
      'truncate fragment.events, fragment.jobs, fragment.attempts, fragment.leases, fragment.message_keys',
    );
    await emptyQueue(o);
    const queue = queueOf(o);
    await queue.migrate?.();
    await queue.close();
  },
  events: (o) => query(o, 'select count(*) n from fragment.events'),
  delivered: (o) => query(o, 'select count(*) n from fragment.jobs where finished_at is not null'),
};

export const naive: Contender = {
  name: 'naive',
  async prepare(o) {
    await naiveSchema(o);
    await query(o, 'truncate naive.events, naive.jobs');
    await emptyQueue(o);
    if (o.redis !== undefined) return;
    const connection = { connectionString: o.postgres, schema: 'naive_queue', migrate: true, max: 2 };
    const queue = new Queue('deliveries', { connection }, createPostgresBackend);
    await queue.obliterate({ force: true });
    await queue.close();
  },
  events: (o) => query(o, 'select count(*) n from naive.events'),
  delivered: (o) => query(o, "select count(*) n from naive.jobs where status = 'succeeded'"),
};

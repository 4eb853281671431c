// The same product written the obvious way: one transaction per event, one BullMQ job per job, one update per delivery,
// sensible indexes, no sleeps. Frozen: it is what the ratios are measured against, so it is not to be improved.
import { randomUUID } from 'node:crypto';
import { createPostgresBackend, Queue, Worker } from 'bullmq';
import express from 'express';
import got from 'got';
import { Agent } from 'node:http';
import { Redis } from 'ioredis';
import knexFactory, { type Knex } from 'knex';
import { DESTINATIONS, type Part, type PartOptions } from './part.js';

interface Message {
  userId?: string;
  event?: string;
  messageId?: string;
}

const open = (o: PartOptions): Knex =>
  knexFactory({ client: 'pg', connection: o.postgres, searchPath: ['naive'], pool: { min: 2, max: 10 } });

const connectionOf = (o: PartOptions) =>
  o.redis === undefined
    ? { connectionString: o.postgres, schema: 'naive_queue', migrate: true, max: 10 }
    : new Redis(o.redis, { maxRetriesPerRequest: null });

export async function naiveSchema(o: PartOptions): Promise<void> {
  const knex = open(o);
  await knex.raw('create schema if not exists naive');
  await knex.raw(`create table if not exists naive.events (
    id uuid primary key, type text, user_id text, message_id text unique, received_at timestamptz default now(), payload jsonb)`);
  await knex.raw(`create table if not exists naive.jobs (
    id uuid primary key, event_id uuid references naive.events(id), destination text, status text, attempts int default 0,
    updated_at timestamptz default now())`);
  await knex.raw('create index if not exists jobs_status on naive.jobs (status)');
  await knex.raw('create index if not exists jobs_event on naive.jobs (event_id)');
  await knex.destroy();
}

export const naiveGateway: Part = async (o) => {
  const knex = open(o);
  const connection = connectionOf(o);
  const queue =
    connection instanceof Redis
      ? new Queue('deliveries', { connection })
      : new Queue('deliveries', { connection }, createPostgresBackend);
  const app = express();
  app.use(express.json());
  app.post('/v1/track', async (req, res) => {
    const message = req.body as Message;
    if (!message.userId || !message.event) {
      res.status(400).json({ error: 'userId and event are needed' });
      return;
    }
    const id = randomUUID();
    const jobs = DESTINATIONS.map((destination) => ({
      id: randomUUID(),
      event_id: id,
      destination,
      status: 'awaiting',
    }));
    await knex.transaction(async (trx) => {
      await trx('events').insert({
        id,
        type: 'track',
        user_id: message.userId,
        message_id: message.messageId,
        payload: JSON.stringify(message),
      });
      await trx('jobs').insert(jobs);
    });
    for (const job of jobs) {
      await queue.add(
        'deliver',
        { job: job.id, destination: job.destination, message },
        { removeOnComplete: true },
      );
    }
    res.json({ success: true });
  });
  await new Promise<void>((resolve) => app.listen(o.port, '127.0.0.1', () => resolve()));
};

export const naiveScheduler: Part = async (o) => {
  const knex = open(o);
  const connection = connectionOf(o);
  const client = got.extend({
    prefixUrl: o.sink,
    agent: { http: new Agent({ keepAlive: true }) },
    retry: { limit: 0 },
  });
  const deliver = async ({
    data,
  }: {
    data: { job: string; destination: string; message: Message };
  }): Promise<void> => {
    await client.post(data.destination, { json: data.message });
    await knex('jobs')
      .where({ id: data.job })
      .update({ status: 'succeeded', attempts: 1, updated_at: knex.fn.now() });
  };
  const worker =
    connection instanceof Redis
      ? new Worker('deliveries', deliver, { connection, concurrency: 50 })
      : new Worker('deliveries', deliver, { connection, concurrency: 50 }, createPostgresBackend);
  worker.on('error', () => undefined);
  await worker.waitUntilReady();
};

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Queue } from '@fragment/core';
import { bullmqQueue } from '@fragment/queue-bullmq';
import { createFragment, rest, segmentflow } from '@fragment/runtime';
import { postgresStore } from '@fragment/store-postgres';
import { requiring, testPostgres, testRedis, waitFor, type TestPostgres } from '@fragment/testing';
import express from 'express';
import { recorder } from '../acceptance/recorder.js';
import { recordingLogger } from '../acceptance/recording-logger.js';
import { Opened, post } from '../acceptance/world.js';

const opened = new Opened();
let database: TestPostgres;
let applications = 0;
beforeAll(async () => (database = await testPostgres()));
afterEach(() => opened.stop());
afterAll(() => database.stop());

/** An application with a schema, a prefix, a logger and queues of its own on what all of them share. */
async function application(queueOf: (name: string) => Queue) {
  const name = `app${(applications += 1)}`;
  const { logger, lines } = recordingLogger();
  const { destination, taken } = recorder(`crm-of-${name}`);
  const fragment = await createFragment({
    name,
    sources: [rest({ prefix: `/${name}`, flows: segmentflow, writeKeys: [`key-of-${name}`] })],
    destinations: [destination],
    store: postgresStore({ connection: database.url, schema: name, poolSize: 3, adminPoolSize: 1 }),
    queue: queueOf(name),
    gateway: { port: false },
    scheduler: { port: false },
    admin: { hostLogin: true },
    logger,
  });
  opened.add(fragment);
  return { name, fragment, taken, lines };
}

type Hosted = Awaited<ReturnType<typeof application>>;

/** One server in front of all of them, each with its dashboard below its name. */
async function host(apps: readonly Hosted[]): Promise<string> {
  const app = express();
  for (const { name, fragment } of apps) {
    app.use(fragment.gateway.router());
    app.use(`/admin/${name}`, fragment.admin.router());
  }
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.add({
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const messagesOf = ({ taken }: Hosted): readonly unknown[] => taken.map(({ event }) => event.messageId);
const storedBy = async ({ fragment }: Hosted): Promise<readonly unknown[]> =>
  (await fragment.operations.findEvents({})).items.map(({ messageId }) => messageId).sort();

async function liveSideBySide(queueOf: (name: string) => Queue): Promise<void> {
  const [one, two] = [await application(queueOf), await application(queueOf)];
  await Promise.all([one.fragment.start(), two.fragment.start()]);
  const url = await host([one, two]);
  const send = async ({ name }: Hosted, messageId: string, key = `key-of-${name}`): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
    const message = { userId: 'u-1', event: 'Order Completed', messageId };
    return (await post(`${url}/${name}/v1/track`, message, { authorization })).status;
  };

  // The same id in both is no duplicate: each knows its own events only, and its own keys.
  expect(await Promise.all([send(one, 'm-1'), send(two, 'm-1'), send(two, 'm-2')])).toEqual([200, 200, 200]);
  expect(await send(one, 'm-3', `key-of-${two.name}`)).toBe(401);
  await waitFor(() => one.taken.length === 1 && two.taken.length === 2);
  expect([await storedBy(one), await storedBy(two)]).toEqual([['m-1'], ['m-1', 'm-2']]);
  for (const each of [one, two]) {
    const { data } = (await (await fetch(`${url}/admin/${each.name}/api/destinations`)).json()) as {
      data: readonly { name: string }[];
    };
    expect(data.map(({ name }) => name)).toEqual([`crm-of-${each.name}`]);
  }

  // One goes, while the other has work in hand and more to come.
  const between = send(two, 'm-3');
  await one.fragment.stop();
  expect(await between).toBe(200);
  const told = one.lines.length;
  expect(await send(one, 'm-4')).toBe(503);
  expect(await send(two, 'm-4')).toBe(200);
  await waitFor(() => two.taken.length === 4, { timeoutMs: 15_000 });
  expect([...messagesOf(two)].sort()).toEqual(['m-1', 'm-2', 'm-3', 'm-4']);
  expect(await storedBy(two)).toEqual(['m-1', 'm-2', 'm-3', 'm-4']);
  expect((await two.fragment.app.health()).status).toBe('ok');
  expect(messagesOf(one)).toEqual(['m-1']);

  const names = (lines: Hosted['lines']) =>
    new Set(lines.map(({ fields }) => fields['application'] ?? 'none'));
  expect(names(one.lines)).not.toContain(two.name);
  expect(names(two.lines)).not.toContain(one.name);
  expect(one.lines.slice(told).filter(({ level }) => level === 'error')).toEqual([]);
  expect(two.lines.filter(({ level }) => level === 'error')).toEqual([]);
}

describe('two applications in one process, behind one server', () => {
  it('share a PostgreSQL and nothing else, and one stops while the other goes on', async () => {
    await liveSideBySide((application) =>
      bullmqQueue({ postgres: { connection: database.url }, application }),
    );
  });
});

const describeWithRedis = await requiring('redis', describe);

describeWithRedis('two applications in one process, on one Redis', () => {
  it('share it and nothing else, and one stops while the other goes on', async () => {
    const redis = opened.add((await testRedis())!);
    await liveSideBySide((application) => bullmqQueue({ redis: redis.url, application }));
  });
});

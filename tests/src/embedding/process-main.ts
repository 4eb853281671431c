import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { createFragment, type Fragment, type FragmentOptions } from '@fragment/runtime';
import express from 'express';

// A host's process: runs an application to its end, says what is left of it, and ends by itself or not at all.

/** What the parent reads. */
export interface Remains {
  /** Resources that keep the process alive and did not before. */
  readonly left: readonly string[];
  /** Events of the process that the application listened to while it ran: signals, and errors that nobody caught. */
  readonly listened: readonly string[];
  /** Answers to the event that was sent. */
  readonly status: number;
  readonly jobs: readonly string[];
}

/** Everything that a host decides for itself. */
const hosts = /^SIG|^uncaught|^unhandled/;
const listened = (): readonly string[] =>
  process.eventNames().filter((name) => typeof name === 'string' && hosts.test(name)) as string[];

function added(before: readonly string[]): readonly string[] {
  const known = [...before];
  return process.getActiveResourcesInfo().filter((name) => {
    const at = known.indexOf(name);
    if (at >= 0) known.splice(at, 1);
    return at < 0;
  });
}

/** Sockets that were closed a moment ago need another round of the event loop. */
async function leftSince(before: readonly string[]): Promise<readonly string[]> {
  for (let round = 0; round < 200 && added(before).length > 0; round += 1) await wait(10);
  return added(before);
}

/** On a connection of its own: one that is kept would be the sender's handle, not the application's. */
const send = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const message = encodeURIComponent(Buffer.from('{"userId":"u-1","event":"Paid"}').toString('base64url'));
    get(`${url}/v1/pixel/track?data=${message}`, { agent: false }, (res) => {
      res.resume().once('end', () => resolve(res.statusCode ?? 0));
    }).once('error', reject);
  });

async function hosted(fragment: Fragment): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const app = express();
  app.use(express.json());
  app.use('/cdp', fragment.gateway.router());
  app.use('/admin', fragment.admin.router());
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cdp`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function finished({ operations }: Fragment): Promise<readonly string[]> {
  for (;;) {
    const { items } = await operations.findJobs({});
    const statuses = items.map(({ status }) => status);
    if (statuses.length > 0 && statuses.every((status) => status === 'succeeded')) return statuses;
    await wait(20);
  }
}

async function main({ mounted, ...settings }: FragmentOptions & { mounted?: boolean }): Promise<Remains> {
  process.stdout.write('');
  const before = process.getActiveResourcesInfo();
  const own = mounted
    ? ({ gateway: { port: false }, scheduler: { port: false }, admin: { hostLogin: true } } as const)
    : { gateway: { port: 0 }, scheduler: { port: 0 } };
  const fragment = await createFragment({ ...settings, ...own, logLevel: 'silent' });
  const { gateway } = await fragment.start();
  const host = mounted ? await hosted(fragment) : undefined;
  const status = await send(host?.url ?? gateway?.url ?? '');
  const jobs = await finished(fragment);
  const heard = listened();
  await host?.stop();
  await fragment.stop();
  return { left: await leftSince(before), listened: heard, status, jobs };
}

const remains = await main(JSON.parse(process.argv[2] ?? '{}') as Parameters<typeof main>[0]);
process.stdout.write(JSON.stringify(remains));

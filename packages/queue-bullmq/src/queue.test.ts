import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import type { JobRef, Logger, Queue } from '@fragment/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { queueContract, requiring, testPostgres, testRedis, waitFor } from '@fragment/testing';
import type { TestPostgres, TestRedis } from '@fragment/testing';
import { Redis } from 'ioredis';
import { bullmqQueue } from './index.js';
import type { BullmqBackend, BullmqQueueOptions, BullmqQueueSettings } from './options.js';

const describeWithRedis = await requiring('redis', describe);
const describeWithPostgres = await requiring('postgres', describe);

interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Record<string, unknown>;
  readonly message: string;
}

function recordingLogger(lines: Line[]): Logger {
  const at =
    (level: Line['level']) =>
    (fields: object, message = '') => {
      lines.push({ level, fields: { ...fields }, message });
    };
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  };
  return logger;
}

const open: Queue[] = [];
let prefixes = 0;
/** Each test has queues of its own; short locks, so that a test of a killed process is short too. */
const freshSettings = (): BullmqQueueSettings => {
  prefixes += 1;
  return { prefix: `test-${process.pid}-${prefixes}`, lockDurationMs: 500, stalledIntervalMs: 200 };
};
async function opened(options: BullmqQueueOptions): Promise<Queue> {
  const queue = bullmqQueue(options);
  open.push(queue);
  await queue.migrate?.();
  return queue;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((queue) => queue.close()));
});

const list = (...ids: string[]): JobRef => ({ destination: 'log', ids });

/** Consumes `log` and remembers the ids that came. */
function collecting(queue: Queue): Set<string> {
  const received = new Set<string>();
  queue.consume('log', { concurrency: 2 }, (ref) => {
    if ('ids' in ref) for (const id of ref.ids) received.add(id);
    return Promise.resolve();
  });
  return received;
}

/** The same code in a process of its own. */
function script(options: BullmqQueueOptions, body: string): string[] {
  const index = new URL('../dist/index.js', import.meta.url).href;
  const code = `import { bullmqQueue } from ${JSON.stringify(index)};
    const options = ${JSON.stringify(options)};
    const queue = bullmqQueue(options);
    ${body}`;
  return ['--input-type=module', '--eval', code];
}

type Server = Pick<TestRedis & TestPostgres, 'kill' | 'restart' | 'pause' | 'resume' | 'stop'>;

/** What holds on both backends, with a server of the suite's own to break. */
function backendSuite(
  start: () => Promise<{ readonly server: Server; readonly backend: BullmqBackend }>,
): void {
  let server: Server;
  let backend: BullmqBackend;
  beforeAll(async () => {
    ({ server, backend } = await start());
  });
  afterAll(() => server.stop());

  describe('keeps the queue contract', () => {
    it.each(queueContract.map((item) => [item.name, item] as const))('%s', async (_name, item) => {
      const settings = freshSettings();
      const newQueue = () => opened({ ...backend, ...settings });
      await item.run({ queue: await newQueue(), newQueue });
    });
  });

  it('keeps applications apart', async () => {
    const settings = freshSettings();
    const shop = await opened({ ...backend, ...settings, application: 'shop' });
    const blog = await opened({ ...backend, ...settings, application: 'blog' });
    shop.offer([list('1')]);
    await waitFor(async () => (await shop.depth('log')) === 1);
    expect(await blog.depth('log')).toBe(0);
  });

  it('goes on by itself when the broker was killed and restarted, and sends what was offered meanwhile', async () => {
    const lines: Line[] = [];
    const queue = await opened({
      ...backend,
      ...freshSettings(),
      bufferLimit: 50,
      logger: recordingLogger(lines),
    });
    const received = collecting(queue);
    queue.offer([list('before')]);
    await waitFor(() => received.has('before'));

    await server.kill();
    await waitFor(() => lines.length > 0);
    queue.offer([list(...Array.from({ length: 1_000 }, (_, n) => `away${n}`))]);
    queue.offer([list('too much')]);
    await expect(queue.ping()).rejects.toMatchObject({ code: 'FRAGMENT_QUEUE_UNAVAILABLE' });
    await expect(queue.depth('log')).rejects.toMatchObject({ code: 'FRAGMENT_QUEUE_UNAVAILABLE' });

    await server.restart();
    await waitFor(() => received.has('away0'), { timeoutMs: 20_000 });
    await waitFor(() => lines.some((line) => line.level === 'info'));
    queue.offer([list('after')]);
    await waitFor(() => received.has('after'), { timeoutMs: 20_000 });
    expect(received.size).toBe(52);
    // Lost, too many, back; and perhaps a first failure before the loss was noticed.
    expect(lines.length).toBeLessThanOrEqual(4);
    expect(lines.at(-1)).toMatchObject({ level: 'info', fields: { dropped: 951 } });
  });

  it('starts while the broker is away, and works once it is there', async () => {
    await server.kill();
    const queue = bullmqQueue({ ...backend, ...freshSettings() });
    open.push(queue);
    const received = collecting(queue);
    queue.offer([list('early')]);
    await expect(queue.ping()).rejects.toMatchObject({ code: 'FRAGMENT_QUEUE_UNAVAILABLE' });
    await server.restart();
    await waitFor(() => received.has('early'), { timeoutMs: 20_000 });
  });

  it('closes while the broker is frozen, and while it is gone', async () => {
    const frozen = await opened({ ...backend, ...freshSettings() });
    const gone = await opened({ ...backend, ...freshSettings() });
    for (const queue of [frozen, gone]) {
      const received = collecting(queue);
      queue.offer([list('1')]);
      await waitFor(() => received.has('1'));
    }
    await server.pause();
    frozen.offer([list('2')]);
    await frozen.close();
    await server.resume();
    await server.kill();
    gone.offer([list('2')]);
    await gone.close();
    await server.restart();
  });

  it('goes on when the broker was frozen for a while', async () => {
    const queue = await opened({ ...backend, ...freshSettings() });
    const received = collecting(queue);
    queue.offer([list('before')]);
    await waitFor(() => received.has('before'));
    await server.pause();
    queue.offer([list('meanwhile')]);
    await expect(queue.ping()).rejects.toMatchObject({ code: 'FRAGMENT_QUEUE_UNAVAILABLE' });
    await server.resume();
    await waitFor(() => received.has('meanwhile'), { timeoutMs: 20_000 });
    queue.offer([list('after')]);
    await waitFor(() => received.has('after'), { timeoutMs: 20_000 });
  });

  it('closes although a call ignores the signal, and its message is taken elsewhere', async () => {
    const settings = freshSettings();
    const queue = await opened({ ...backend, ...settings });
    let called = false;
    queue.consume('log', { concurrency: 1 }, () => {
      called = true;
      return new Promise(() => undefined);
    });
    queue.offer([list('stuck')]);
    await waitFor(() => called);
    await queue.close();
    const received = collecting(await opened({ ...backend, ...settings }));
    await waitFor(() => received.has('stuck'), { timeoutMs: 20_000 });
  });

  it('gives the message of a killed process to another', async () => {
    const settings = freshSettings();
    const queue = await opened({ ...backend, ...settings });
    const child = spawn(
      process.execPath,
      script(
        { ...backend, ...settings },
        `setInterval(() => {}, 1000);
        queue.consume('log', { concurrency: 1 }, () => { process.stdout.write('taken'); return new Promise(() => {}); });`,
      ),
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const taken = new Promise((resolve) => child.stdout.once('data', resolve));
    queue.offer([list('survivor')]);
    await taken;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
    const received = collecting(queue);
    await waitFor(() => received.has('survivor'), { timeoutMs: 20_000 });
  });

  it('leaves nothing behind either when the broker went away', async () => {
    const child = spawn(
      process.execPath,
      script(
        { ...backend, ...freshSettings() },
        `let watched;
        const silent = () => {};
        const lost = new Promise((resolve) => {
          const logger = { debug: silent, info: silent, warn: resolve, error: silent, child: () => logger };
          watched = bullmqQueue({ ...options, logger });
        });
        await watched.migrate();
        await new Promise((resolve) => {
          watched.consume('log', { concurrency: 2 }, async () => resolve());
          watched.offer([{ destination: 'log', ids: ['1'] }]);
        });
        await watched.depth('log');
        console.log('ready');
        await lost;
        watched.offer([{ destination: 'log', ids: ['2'] }]);
        await watched.close();
        console.log(process.getActiveResourcesInfo().filter((name) => /Timeout|TCPSocket|TCPConnect/.test(name)).join());`,
      ),
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await waitFor(() => output.startsWith('ready\n'));
    await server.kill();
    expect(await exited).toBe(0);
    await server.restart();
    expect(output).toBe('ready\n\n');
  });

  it('leaves nothing behind that keeps a process alive', async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      script(
        { ...backend, ...freshSettings() },
        `await queue.migrate();
        const got = new Promise((resolve) => queue.consume('log', { concurrency: 2 }, async (ref) => resolve(ref)));
        const stuck = new Promise((resolve) => queue.consume('stuck', { concurrency: 1 }, () => {
          resolve();
          return new Promise(() => {});
        }));
        queue.offer([{ destination: 'log', ids: ['1'] }, { destination: 'stuck', ids: ['1'] }]);
        queue.offer([{ destination: 'log', ids: ['2'] }], { delayMs: 60000 });
        await Promise.all([got, stuck]);
        await queue.depth('log');
        await queue.close();
        console.log('closed');`,
      ),
      { timeout: 20_000 },
    );
    expect(stdout).toBe('closed\n');
  });
}

describeWithRedis('bullmqQueue on Redis', () => {
  let redis: TestRedis;
  backendSuite(async () => {
    const started = await testRedis({ own: true });
    if (started === undefined) throw new Error('Redis is needed here.');
    redis = started;
    return { server: redis, backend: { redis: redis.url } };
  });

  it('goes on after FLUSHALL', async () => {
    const queue = await opened({ redis: redis.url, ...freshSettings() });
    const received = collecting(queue);
    queue.offer([list('before')]);
    await waitFor(() => received.has('before'));
    await redis.flushAll();
    queue.offer([list('after')]);
    await waitFor(() => received.has('after'));
  });

  it('says loudly that Redis may evict, once', async () => {
    const admin = new Redis(redis.url);
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    try {
      const lines: Line[] = [];
      const queue = await opened({ redis: redis.url, ...freshSettings(), logger: recordingLogger(lines) });
      await queue.migrate?.();
      await queue.ping();
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatchObject({
        level: 'error',
        fields: { code: 'FRAGMENT_QUEUE_EVICTION', policy: 'allkeys-lru' },
      });
      expect(await queue.diagnose?.()).toEqual([
        { name: 'eviction policy', status: 'warning', message: expect.stringContaining('allkeys-lru; set') },
      ]);
      await admin.config('SET', 'maxmemory-policy', 'noeviction');
      expect(await queue.diagnose?.()).toEqual([
        { name: 'eviction policy', status: 'ok', message: 'noeviction' },
      ]);
      await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
      const quiet: Line[] = [];
      await opened({
        redis: redis.url,
        ...freshSettings(),
        checkEviction: false,
        logger: recordingLogger(quiet),
      });
      expect(quiet).toEqual([]);
    } finally {
      await admin.config('SET', 'maxmemory-policy', 'noeviction');
      await admin.quit();
    }
  });

  it('uses an injected instance and leaves it as it was', async () => {
    const injected = new Redis(redis.url);
    try {
      const queue = await opened({ redis: injected, ...freshSettings() });
      const received = collecting(queue);
      queue.offer([list('1')]);
      await waitFor(() => received.has('1'));
      await queue.close();
      expect(await injected.ping()).toBe('PONG');
      expect(injected.eventNames().filter((name) => injected.listenerCount(name) > 0)).toEqual([]);
    } finally {
      await injected.quit();
    }
  });

  it('shows no password when Redis refuses it', async () => {
    const lines: Line[] = [];
    const url = redis.url.replace('redis://', 'redis://default:swordfish@');
    const admin = new Redis(redis.url);
    await admin.config('SET', 'requirepass', 'another');
    try {
      const queue = bullmqQueue({ redis: url, ...freshSettings(), logger: recordingLogger(lines) });
      open.push(queue);
      const error: unknown = await queue.ping().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: 'FRAGMENT_QUEUE_UNAVAILABLE' });
      expect((error as Error).message).toMatch(/WRONGPASS/);
      expect(lines.length).toBeGreaterThan(0);
      const shown = JSON.stringify([
        lines,
        error,
        String((error as Error).stack),
        (error as Error).cause ?? null,
      ]);
      expect(shown).not.toContain('swordfish');
    } finally {
      await admin.config('SET', 'requirepass', '');
      await admin.quit();
    }
  });
});

describeWithPostgres('bullmqQueue on PostgreSQL', () => {
  let postgres: TestPostgres;
  backendSuite(async () => {
    postgres = await testPostgres({ own: true });
    await bullmqQueue({ postgres: { connection: postgres.url } }).migrate?.();
    return { server: postgres, backend: { postgres: { connection: postgres.url } } };
  });

  it('is migrated by several processes at once, and says so when it was not', async () => {
    const options = { postgres: { connection: postgres.url, schema: 'fresh_queue' }, ...freshSettings() };
    const queue = bullmqQueue(options);
    open.push(queue);
    const received = collecting(queue);
    await expect(queue.depth('log')).rejects.toMatchObject({ code: 'FRAGMENT_QUEUE_UNAVAILABLE' });
    await Promise.all([opened(options), opened(options), opened(options)]);
    queue.offer([list('1')]);
    await waitFor(() => received.has('1'));
  });
});

import type { JobRef } from '@fragment/core';
import { describe, expect, it } from '@jest/globals';
import { waitFor } from '@fragment/testing';
import { WaitingError, type Job } from 'bullmq';
import type { Broker, MessageWorker, Process } from './broker.js';
import { RefBuffer } from './buffer.js';
import { BullmqConsumer } from './consumer.js';
import type { Message, Outgoing } from './message.js';
import { encodeName } from './names.js';
import { bullmqQueue } from './index.js';
import type { BullmqQueueOptions } from './options.js';
import { Sender } from './sender.js';
import { BrokerWatch } from './watch.js';

const id = (ms: number) => {
  const time = (0x0190_0000_0000 + ms).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
};
const range = (from: number, to: number): JobRef => ({ destination: 'log', from: id(from), to: id(to) });
const list = (ids: readonly string[], alone = false): JobRef => ({
  destination: 'log',
  ids,
  ...(alone ? { alone } : {}),
});
const ids = (count: number, prefix = 'job') => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

describe('RefBuffer', () => {
  it('merges ranges of events received within a second, in whatever order they come', () => {
    const buffer = new RefBuffer(100);
    buffer.add(range(500, 600), 0);
    buffer.add(range(100, 200), 0);
    buffer.add(range(150, 550), 0);
    buffer.add(range(900, 1_101), 0);
    expect(buffer.size).toBe(2);
    expect(buffer.take(10)).toEqual([
      { message: { from: id(100), to: id(600) }, due: 0 },
      { message: { from: id(900), to: id(1_101) }, due: 0 },
    ]);
    expect(buffer.size).toBe(0);
  });

  it('keeps one wide range whole, and takes in what lies inside it', () => {
    const buffer = new RefBuffer(100);
    buffer.add(range(0, 60_000), 0);
    buffer.add(range(5_000, 6_000), 0);
    expect(buffer.take(10)).toEqual([{ message: { from: id(0), to: id(60_000) }, due: 0 }]);
  });

  it('merges at most 100 ranges', () => {
    const buffer = new RefBuffer(1_000);
    for (let n = 0; n < 250; n += 1) buffer.add(range(n, n), 0);
    expect(buffer.take(10).map(({ message }) => message)).toEqual([
      { from: id(0), to: id(99) },
      { from: id(100), to: id(199) },
      { from: id(200), to: id(249) },
    ]);
  });

  it('merges ranges of ids that carry no time only where they overlap', () => {
    const buffer = new RefBuffer(100);
    buffer.add({ destination: 'log', from: 'a', to: 'c' }, 0);
    buffer.add({ destination: 'log', from: 'b', to: 'd' }, 0);
    buffer.add({ destination: 'log', from: 'x', to: 'y' }, 0);
    expect(buffer.take(10).map(({ message }) => message)).toEqual([
      { from: 'a', to: 'd' },
      { from: 'x', to: 'y' },
    ]);
  });

  it('merges ids into lists of 500 without repeating one, apart by due time and by alone', () => {
    const buffer = new RefBuffer(10_000);
    buffer.add(list(ids(300)), 0);
    buffer.add(list(ids(700)), 0);
    buffer.add(list(['later']), 5);
    buffer.add(list(['poison'], true), 0);
    buffer.add(list(['poison'], true), 0);
    expect(buffer.size).toBe(702);
    expect(buffer.take(10)).toEqual([
      { message: { ids: ids(700).slice(0, 500) }, due: 0 },
      { message: { ids: ids(700).slice(500) }, due: 0 },
      { message: { ids: ['later'] }, due: 5 },
      { message: { ids: ['poison'], alone: true }, due: 0 },
    ]);
  });

  it('refuses what exceeds its limit and says how much', () => {
    const buffer = new RefBuffer(10);
    expect(buffer.add(list(ids(8)), 0)).toBe(0);
    expect(buffer.add(list(ids(8, 'other')), 0)).toBe(6);
    expect(buffer.add(range(0, 1), 0)).toBe(1);
    expect(buffer.size).toBe(10);
    buffer.take(1);
    expect(buffer.add(range(0, 1), 0)).toBe(0);
  });

  it('gives back first what was restored, and changes it no more', () => {
    const buffer = new RefBuffer(10);
    buffer.add(range(0, 1), 0);
    const taken = buffer.take(1);
    buffer.add(range(2, 3), 0);
    buffer.restore(taken);
    buffer.add(range(4, 5), 0);
    expect(buffer.size).toBe(2);
    expect(buffer.take(10).map(({ message }) => message)).toEqual([
      { from: id(0), to: id(1) },
      { from: id(2), to: id(5) },
    ]);
  });
});

describe('Sender', () => {
  it('has one call in flight, and what is offered meanwhile leaves merged with the next', async () => {
    const calls: { messages: readonly Outgoing[]; answer: () => void }[] = [];
    const sender = new Sender({
      send: (messages) => new Promise((resolve) => calls.push({ messages, answer: resolve })),
      paceMs: 0,
      limit: 100,
      dropped: () => undefined,
    });
    sender.offer(list(['first']), 0);
    await waitFor(() => calls.length === 1);
    for (const more of ids(20)) sender.offer(list([more]), 0);
    calls[0]!.answer();
    await waitFor(() => calls.length === 2);
    expect(calls.map(({ messages }) => messages)).toEqual([
      [{ message: { ids: ['first'] }, due: 0 }],
      [{ message: { ids: ids(20) }, due: 0 }],
    ]);
    calls[1]!.answer();
    await sender.end(new AbortController().signal);
    expect(calls).toHaveLength(2);
  });

  it('tries again what the broker refused, and counts what does not fit meanwhile', async () => {
    const sent: string[] = [];
    let away = true;
    let attempts = 0;
    let dropped = 0;
    const sender = new Sender({
      send: (messages) => {
        attempts += 1;
        if (away) return Promise.reject(new Error('away'));
        for (const { message } of messages) if ('ids' in message) sent.push(...message.ids);
        return Promise.resolve();
      },
      paceMs: 0,
      limit: 5,
      dropped: (count) => {
        dropped += count;
      },
    });
    sender.offer(list(ids(3)), 0);
    await waitFor(() => attempts === 2);
    sender.offer(list(ids(100, 'more')), 0);
    expect(dropped).toBe(98);
    away = false;
    await waitFor(() => sent.length === 5);
    expect(sent).toEqual([...ids(3), ...ids(2, 'more')]);
    await sender.end(new AbortController().signal);
  });

  it('sends what is left at the end, and gives up at the first refusal', async () => {
    let attempts = 0;
    const sender = new Sender({
      send: () => {
        attempts += 1;
        return Promise.reject(new Error('away'));
      },
      paceMs: 1_000,
      limit: 100,
      dropped: () => undefined,
    });
    sender.offer(list(['a']), 0);
    await sender.end(new AbortController().signal);
    sender.offer(list(['b']), 0);
    expect(attempts).toBe(1);
  });
});

describe('BullmqConsumer', () => {
  it('gives back a message that BullMQ hands over after it was closed', async () => {
    let process: Process | undefined;
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const worker: MessageWorker = {
      run: () => ended,
      waitUntilReady: () => Promise.resolve(),
      pause: () => Promise.resolve(),
      on: () => undefined,
      close: () => {
        end();
        return Promise.resolve();
      },
    };
    const broker: Pick<Broker, 'ready' | 'openWorker'> = {
      ready: () => Promise.resolve(),
      openWorker: (_destination, given) => {
        process = given;
        return { worker, recoverStalled: () => Promise.resolve(), abandon: () => undefined };
      },
    };
    let calls = 0;
    const consumer = new BullmqConsumer({
      broker: broker as Broker,
      watch: new BrokerWatch(undefined, 'redis'),
      destination: 'log',
      concurrency: 1,
      stalledIntervalMs: 60_000,
      fn: () => {
        calls += 1;
        return Promise.resolve();
      },
    });
    await waitFor(() => process !== undefined);
    const returned: (string | undefined)[] = [];
    const job = {
      data: { ids: ['1'] },
      moveToWait: (token?: string) => Promise.resolve(returned.push(token)),
    } as unknown as Job<Message, void>;
    await process!(job, 'first');
    await consumer.close();
    await expect(process!(job, 'second')).rejects.toThrow(WaitingError);
    expect(returned).toEqual(['second']);
    expect(calls).toBe(1);
  });
});

describe('encodeName', () => {
  it('gives different names different queues, free of the characters that separate', () => {
    const names = [
      '',
      '%',
      'a',
      'A',
      'a:b',
      'a/b',
      'a%b',
      'a%003ab',
      'ä',
      '🙂',
      '\ud83d',
      '\0',
      ' ',
      'a.b-c_d',
    ];
    const encoded = names.map(encodeName);
    expect(new Set(encoded).size).toBe(names.length);
    for (const name of encoded) expect(name).toMatch(/^[A-Za-z0-9_.%-]+$/);
    expect(encodeName('my-amplitude.eu')).toBe('my-amplitude.eu');
  });
});

describe('options', () => {
  it('are refused all together, and never repeated', () => {
    const options = {
      redis: 'http://user:swordfish@localhost',
      prefix: 'a:b',
      application: '',
      coalesceMs: -1,
      bufferLimit: 0.5,
      lockDurationMs: 1,
      stalledIntervalMs: Number.NaN,
    };
    let error: unknown;
    try {
      bullmqQueue(options);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: 'FRAGMENT_CONFIG_INVALID' });
    const { validations, message } = error as { validations: { path: string[] }[]; message: string };
    expect(validations.map(({ path }) => path.join('.'))).toEqual([
      'queue.redis',
      'queue.prefix',
      'queue.application',
      'queue.coalesceMs',
      'queue.bufferLimit',
      'queue.lockDurationMs',
      'queue.stalledIntervalMs',
    ]);
    expect(message).not.toContain('swordfish');
  });

  it.each([
    ['neither backend', {}],
    ['both backends', { redis: 'redis://localhost', postgres: { connection: 'postgresql://localhost/x' } }],
    ['a key prefix', { redis: { keyPrefix: 'x' } }],
    ['a schema to inject', { postgres: { connection: 'postgresql://localhost/x', schema: 'a"; drop' } }],
    ['a URL of something else', { postgres: { connection: 'mysql://localhost/x' } }],
  ])('refuses %s', (_what, options) => {
    expect(() => bullmqQueue(options as unknown as BullmqQueueOptions)).toThrow(
      expect.objectContaining({ code: 'FRAGMENT_CONFIG_INVALID' }),
    );
  });
});

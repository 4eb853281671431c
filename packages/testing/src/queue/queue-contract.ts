import assert from 'node:assert/strict';
import type { JobRef, Queue } from '@fragment/core';
import { waitFor } from '../wait/wait-for.js';

/** What a case is given. Whoever runs it closes every queue afterwards. */
export interface QueueContractContext {
  /** Migrated, with nothing in it. */
  readonly queue: Queue;
  /** Another queue on the same broker, as a second process has it. */
  readonly newQueue: () => Promise<Queue>;
}

/** One promise of the Queue contract. */
export interface QueueContractCase {
  readonly name: string;
  run(context: QueueContractContext): Promise<void>;
}

const eventually = (condition: () => boolean | Promise<boolean>, message: string) =>
  waitFor(condition, { timeoutMs: 15_000, intervalMs: 5, message });

const lane = 'amplitude';

/** Ids as the gateway makes them: uuidv7, `at` milliseconds after an arbitrary moment. */
const eventId = (at: number, n = 0) => {
  const time = (0x0190_0000_0000 + at).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`;
};
const jobIds = (count: number, at = 0) => Array.from({ length: count }, (_, n) => `${eventId(at, n)}.0`);
const range = (from: string, to: string, destination = lane): JobRef => ({ destination, from, to });
const list = (ids: readonly string[], destination = lane): JobRef => ({ destination, ids });

/** What consumers received. */
class Received {
  readonly refs: JobRef[] = [];
  readonly take = (ref: JobRef) => {
    this.refs.push(ref);
    return Promise.resolve();
  };
  /** Has the whole reference arrived, alone or as part of others? */
  covers(ref: JobRef): boolean {
    if ('ids' in ref) {
      const ids = new Set(this.refs.flatMap((other) => ('ids' in other ? other.ids : [])));
      return ref.ids.every((id) => ids.has(id));
    }
    return this.refs.some((other) => 'from' in other && other.from <= ref.from && other.to >= ref.to);
  }
  async all(refs: readonly JobRef[]): Promise<void> {
    await eventually(() => refs.every((ref) => this.covers(ref)), 'every offered reference arrives');
  }
}

/** A call that lasts until it is released. */
class Gate {
  entered = 0;
  left = 0;
  highest = 0;
  #release: () => void = () => undefined;
  readonly #released = new Promise<void>((resolve) => {
    this.#release = resolve;
  });
  readonly pass = async () => {
    this.entered += 1;
    this.highest = Math.max(this.highest, this.entered - this.left);
    await this.#released;
    this.left += 1;
  };
  open(): void {
    this.#release();
  }
}

/** A case with calls that last; they are released when it ends, however it ends. */
function gated(
  name: string,
  run: (context: QueueContractContext & { readonly newGate: () => Gate }) => Promise<void>,
): QueueContractCase {
  return {
    name,
    async run(context) {
      const gates: Gate[] = [];
      const newGate = () => {
        const gate = new Gate();
        gates.push(gate);
        return gate;
      };
      try {
        await run({ queue: context.queue, newQueue: context.newQueue, newGate });
      } finally {
        for (const gate of gates) gate.open();
      }
    },
  };
}

const delivery: QueueContractCase[] = [
  {
    name: 'every offered range arrives, alone or inside a wider one',
    async run({ queue }) {
      const received = new Received();
      queue.consume(lane, { concurrency: 4 }, received.take);
      const refs = Array.from({ length: 200 }, (_, n) => range(eventId(n * 50), eventId(n * 50 + 40)));
      for (const ref of refs) queue.offer([ref]);
      queue.offer([range(eventId(900_000), eventId(900_001)), range(eventId(500_000), eventId(500_001))]);
      await received.all([
        ...refs,
        range(eventId(900_000), eventId(900_001)),
        range(eventId(500_000), eventId(500_001)),
      ]);
    },
  },
  {
    name: 'every offered id arrives, from short and long lists, and alone stays alone',
    async run({ queue }) {
      const received = new Received();
      queue.consume(lane, { concurrency: 4 }, received.take);
      const short = Array.from({ length: 50 }, (_, n) => list(jobIds(3, n)));
      const long = list(jobIds(1_200, 1_000));
      const alone: JobRef = { destination: lane, ids: jobIds(2, 2_000), alone: true };
      for (const ref of short) queue.offer([ref]);
      queue.offer([long, alone]);
      await received.all([...short, long, alone]);
      for (const ref of received.refs) {
        const isAlone = 'alone' in ref && ref.alone;
        if ('ids' in ref)
          for (const id of ref.ids) assert.equal(alone.ids.includes(id), isAlone, `alone of ${id}`);
      }
    },
  },
  {
    name: 'what is offered while nobody consumes waits, is counted, and arrives later',
    async run({ queue, newQueue }) {
      queue.offer([list(jobIds(2))]);
      await eventually(async () => (await queue.depth(lane)) > 0, 'the message waits');
      const other = await newQueue();
      assert.ok((await other.depth(lane)) > 0, 'another process sees it too');
      const received = new Received();
      other.consume(lane, { concurrency: 1 }, received.take);
      await received.all([list(jobIds(2))]);
      await eventually(async () => (await queue.depth(lane)) === 0, 'nothing waits any more');
    },
  },
  {
    name: 'a delayed message does not come early, and is not counted as waiting',
    async run({ queue }) {
      let arrivedAt = 0;
      queue.consume(lane, { concurrency: 1 }, () => {
        arrivedAt = Date.now();
        return Promise.resolve();
      });
      const due = Date.now() + 400;
      queue.offer([list(jobIds(1))], { delayMs: 400 });
      assert.equal(await queue.depth(lane), 0);
      await eventually(() => arrivedAt > 0, 'the delayed message arrives');
      assert.ok(arrivedAt >= due, `came ${due - arrivedAt} ms early`);
    },
  },
  {
    name: 'destinations are separate, whatever characters their names hold',
    async run({ queue }) {
      const names = ['a', 'A', 'a:b', 'a/b', 'a%003ab', 'a b', 'ä-€-🙂', '"quoted"', '..', '{x}', '*'];
      const received = names.map((name) => ({
        name,
        ids: jobIds(1, names.indexOf(name)),
        got: new Received(),
      }));
      for (const { name, ids } of received) queue.offer([list(ids, name)]);
      for (const { name, got } of received) queue.consume(name, { concurrency: 1 }, got.take);
      for (const { name, ids, got } of received) {
        await got.all([list(ids, name)]);
        for (const ref of got.refs) assert.equal(ref.destination, name);
        assert.deepEqual([...new Set(got.refs.flatMap((ref) => ('ids' in ref ? ref.ids : [])))], ids);
      }
    },
  },
];

const consuming: QueueContractCase[] = [
  gated('as many calls run at once as were asked for, and no more', async ({ queue, newGate }) => {
    const gate = newGate();
    queue.consume(lane, { concurrency: 3 }, gate.pass);
    for (let n = 0; n < 8; n += 1) queue.offer([range(eventId(n * 100_000), eventId(n * 100_000))]);
    await eventually(() => gate.entered >= 3, 'three calls run');
    await eventually(
      async () => (await queue.depth(lane)) + gate.entered === 8,
      'every message waits or is worked on',
    );
    assert.equal(gate.entered, 3);
    gate.open();
    await eventually(() => gate.left === 8, 'all calls end');
    assert.equal(gate.highest, 3);
  }),
  gated('consumers of two processes share the messages', async ({ queue, newQueue, newGate }) => {
    const gates = [newGate(), newGate()] as const;
    queue.consume(lane, { concurrency: 1 }, gates[0].pass);
    (await newQueue()).consume(lane, { concurrency: 1 }, gates[1].pass);
    for (let n = 0; n < 4; n += 1) queue.offer([range(eventId(n * 100_000), eventId(n * 100_000))]);
    await eventually(() => gates.every((gate) => gate.entered === 1), 'both have a message');
    for (const gate of gates) gate.open();
    await eventually(() => gates[0].left + gates[1].left === 4, 'all are done');
  }),
  {
    name: 'a call that throws harms nothing, and its message is done',
    async run({ queue }) {
      const received = new Received();
      let thrown = 0;
      queue.consume(lane, { concurrency: 1 }, (ref) => {
        if (received.refs.length === 0 && thrown < 2) {
          thrown += 1;
          if (thrown === 1) throw new Error('thrown at once');
          return Promise.reject(new Error('thrown later'));
        }
        return received.take(ref);
      });
      const refs = [0, 1, 2].map((n) => range(eventId(n * 100_000), eventId(n * 100_000)));
      for (const ref of refs) queue.offer([ref]);
      await eventually(() => received.refs.length === 1, 'the third message arrives');
      await eventually(async () => (await queue.depth(lane)) === 0, 'nothing is left');
      assert.equal(thrown, 2);
    },
  },
];

const closing: QueueContractCase[] = [
  gated(
    'closing a consumer aborts the signal, waits for running calls and takes nothing new',
    async ({ queue, newGate }) => {
      const gate = newGate();
      let signal: AbortSignal | undefined;
      let calls = 0;
      const consumer = queue.consume(lane, { concurrency: 1 }, async (_ref, given) => {
        calls += 1;
        signal = given;
        await gate.pass();
      });
      queue.offer([range(eventId(0), eventId(0)), range(eventId(100_000), eventId(100_000))]);
      await eventually(() => signal !== undefined, 'a call runs');
      assert.equal(signal?.aborted, false);
      let closed = false;
      const closing = consumer.close().then(() => {
        closed = true;
      });
      await eventually(() => signal?.aborted === true, 'the signal is aborted');
      await queue.ping();
      assert.equal(closed, false, 'close waits for the running call');
      gate.open();
      await closing;
      await consumer.close();
      assert.equal(calls, 1);
      const received = new Received();
      queue.consume(lane, { concurrency: 1 }, received.take);
      await received.all([range(eventId(100_000), eventId(100_000))]);
    },
  ),
  gated(
    'closing the queue sends what was offered, ends its consumers, and may be repeated',
    async ({ queue, newQueue, newGate }) => {
      const other = await newQueue();
      const received = new Received();
      const gate = newGate();
      const consumer = other.consume('busy', { concurrency: 1 }, gate.pass);
      other.offer([list(jobIds(1), 'busy')]);
      await eventually(() => gate.entered === 1, 'a call runs');
      other.offer([list(jobIds(3)), range(eventId(0), eventId(1))]);
      const closing = other.close();
      gate.open();
      await closing;
      assert.equal(gate.left, 1, 'the running call ended first');
      await other.close();
      await consumer.close();
      queue.consume(lane, { concurrency: 1 }, received.take);
      await received.all([list(jobIds(3)), range(eventId(0), eventId(1))]);
    },
  ),
  {
    name: 'offering after close is harmless',
    async run({ newQueue }) {
      const other = await newQueue();
      await other.close();
      other.offer([list(jobIds(1))]);
      other.offer([range(eventId(0), eventId(1))], { delayMs: 5 });
    },
  },
  {
    name: 'offering nothing is harmless, an unknown destination is empty, the broker answers',
    async run({ queue }) {
      queue.offer([]);
      assert.equal(await queue.depth('nobody ever offered here'), 0);
      await queue.ping();
      await queue.migrate?.();
    },
  },
];

/** What every Queue promises. Framework-neutral: run each case on its own, empty queue; it throws when broken. */
export const queueContract: readonly QueueContractCase[] = [...delivery, ...consuming, ...closing];

import type { Queue } from '@fragment/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { memoryBroker, memoryQueue } from './memory-queue.js';
import { waitFor } from '../wait/wait-for.js';
import { queueContract } from './queue-contract.js';

const open: Queue[] = [];
const opened = (queue: Queue) => {
  open.push(queue);
  return queue;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((queue) => queue.close()));
});

describe('memoryQueue keeps the queue contract', () => {
  it.each(queueContract.map((item) => [item.name, item] as const))('%s', async (_name, item) => {
    const broker = memoryBroker();
    const newQueue = () => Promise.resolve(opened(memoryQueue({ broker })));
    await item.run({ queue: await newQueue(), newQueue });
  });
});

describe('the contract finds queues that break it', () => {
  const named = (part: string) => {
    const found = queueContract.find((item) => item.name.includes(part));
    if (found === undefined) throw new Error(`no case ${part}`);
    return found;
  };

  it('that come early', async () => {
    const queue = opened(memoryQueue());
    const hasty: Queue = { ...queue, offer: (refs) => queue.offer(refs) };
    await expect(
      named('early').run({ queue: hasty, newQueue: () => Promise.resolve(hasty) }),
    ).rejects.toThrow('early');
  });

  it('that run too many calls', async () => {
    const queue = opened(memoryQueue());
    const greedy: Queue = {
      ...queue,
      consume: (name, _o, fn) => queue.consume(name, { concurrency: 4 }, fn),
    };
    await expect(
      named('no more').run({ queue: greedy, newQueue: () => Promise.resolve(greedy) }),
    ).rejects.toThrow();
  });
});

describe('faults', () => {
  it('drops and duplicates what it is told to', async () => {
    const queue = opened(
      memoryQueue({
        drop: (ref) => 'ids' in ref && ref.ids.includes('lost'),
        duplicate: (ref) => 'ids' in ref && ref.ids.includes('twice'),
      }),
    );
    const received: string[] = [];
    queue.offer(['lost', 'once', 'twice', 'end'].map((id) => ({ destination: 'log', ids: [id] })));
    queue.consume('log', { concurrency: 1 }, (ref) => {
      if ('ids' in ref) received.push(...ref.ids);
      return Promise.resolve();
    });
    await waitFor(() => received.includes('end'));
    expect(received).toEqual(['once', 'twice', 'twice', 'end']);
  });
});

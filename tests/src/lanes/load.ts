import { setTimeout as sleep } from 'node:timers/promises';
import { isFragmentError } from '@fragment/core';
import type { World } from '../acceptance/world.js';

let sent = 0;

/** Takes in so many events at once, as a program in the same process would. */
export async function takeIn(world: World, count: number): Promise<void> {
  const one = () => {
    sent += 1;
    const messageId = `lanes-${sent}`;
    const data = { type: 'track', event: 'Order Completed', messageId, userId: `user-${sent}` };
    return untilTaken(() =>
      world.app.ingest('rest', 'track', { data, type: 'track', messageId, userId: data.userId }),
    );
  };
  for (let left = count; left > 0; left -= 1_000)
    await Promise.all(Array.from({ length: Math.min(left, 1_000) }, one));
}

/** A sender that is told to come again comes again, with the same message id. */
async function untilTaken(send: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await send();
      return;
    } catch (error) {
      if (!isFragmentError(error) || (error.status !== 503 && error.status !== 429)) throw error;
      await sleep(100);
    }
  }
}

/** Takes in so many a second for so long. Returns how many. */
export async function takeInSteadily(world: World, perSecond: number, seconds: number): Promise<number> {
  const begin = performance.now();
  let count = 0;
  for (;;) {
    const elapsed = (performance.now() - begin) / 1_000;
    const due = Math.floor(Math.min(elapsed, seconds) * perSecond);
    if (due > count) await takeIn(world, due - count);
    count = due;
    if (elapsed >= seconds) return count;
    await sleep(20);
  }
}

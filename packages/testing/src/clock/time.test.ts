import { describe, expect, it } from '@jest/globals';
import { waitFor } from '../wait/wait-for.js';
import { fakeClock } from './fake-clock.js';

describe('the fake clock', () => {
  it('stands still until it is moved', async () => {
    const clock = fakeClock({ start: 1_000 });
    expect(clock.now()).toBe(1_000);
    await clock.advance(500);
    expect(clock.now()).toBe(1_500);
    expect(fakeClock({ start: '2026-01-01T00:00:00Z' }).now()).toBe(Date.UTC(2026, 0, 1));
  });

  it('runs timers in the order they fall due, each at its own moment', async () => {
    const clock = fakeClock({ start: 0 });
    const seen: [string, number][] = [];
    const note = (name: string) => () => void seen.push([name, clock.now()]);
    clock.setTimer(note('late'), 300);
    clock.setTimer(note('early'), 100);
    clock.setTimer(note('same moment, set later'), 100);
    clock.setTimer(note('cleared'), 200).clear();
    clock.setTimer(note('beyond'), 301);
    await clock.advance(300);
    expect(seen).toEqual([
      ['early', 100],
      ['same moment, set later', 100],
      ['late', 300],
    ]);
    expect(clock.pending).toBe(1);
  });

  it('runs timers that timers set, also after awaiting something', async () => {
    const clock = fakeClock({ start: 0 });
    const ticks: number[] = [];
    const tick = () => {
      ticks.push(clock.now());
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => clock.setTimer(tick, 100));
    };
    clock.setTimer(tick, 100);
    await clock.advance(350);
    expect(ticks).toEqual([100, 200, 300]);
  });
});

describe('waitFor', () => {
  it('returns what the condition found', async () => {
    let looks = 0;
    expect(await waitFor(() => (++looks < 3 ? undefined : looks), { intervalMs: 1 })).toBe(3);
  });

  it('takes a throwing condition for one that does not hold yet, and tells the last reason', async () => {
    const cause = new Error('not there');
    const looking = waitFor(() => Promise.reject(cause), {
      timeoutMs: 5,
      intervalMs: 1,
      message: 'the file',
    });
    await expect(looking).rejects.toMatchObject({ message: expect.stringContaining('the file'), cause });
  });
});

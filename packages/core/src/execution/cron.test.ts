import { describe, expect, it } from '@jest/globals';
import { createApplication } from '../application/create.js';
import type { Service } from '../contracts/application.js';
import type { RunEntry } from '../contracts/runs.js';
import type { ServiceEntry } from '../contracts/services.js';
import type { CronTrigger, Source } from '../contracts/source.js';
import type { Store } from '../contracts/store.js';
import type { Logger } from '../contracts/toolkit.js';
import { CommitStore, HandQueue, LaneStore, settled, StoppedClock } from '../fixtures.fixture.js';
import { operations } from '../operations/operations.js';
import { silentLogger } from '../platform/logger.js';

const MINUTE_MS = 60_000;
const NIGHTLY = { source: 'clock', trigger: 'tick' };

/** A store in memory that knows runs, locks, services and commits. */
class RunStore {
  readonly runs = new Map<string, RunEntry>();
  readonly written: RunEntry[] = [];
  readonly services = new Map<string, ServiceEntry>();
  readonly lanes = new LaneStore();
  readonly commits = new CommitStore();
  beats = 0;
  down = false;

  asStore(): Store {
    const answer = <T>(value: () => T): Promise<T> =>
      this.down ? Promise.reject(new Error('the store is away')) : Promise.resolve(value());
    return {
      ...this.lanes.asStore(),
      append: (batch, o) => this.commits.asStore().append(batch, o),
      migrate: () => Promise.resolve([]),
      close: () => Promise.resolve(),
      setRun: (run) =>
        answer(() => {
          this.written.push(run);
          if (!this.runs.get(run.id)?.finishedAt) this.runs.set(run.id, run);
        }),
      lastRuns: () =>
        answer(() => {
          const last = [...this.runs.values()].at(-1);
          return last ? [{ ...last, state: last.finishedAt ? 'succeeded' : 'running' }] : [];
        }),
      announce: (entries) =>
        answer(() => {
          this.beats += 1;
          for (const entry of entries) this.services.set(entry.id, entry);
        }),
      withdraw: (ids) => answer(() => ids.forEach((id) => this.services.delete(id))),
    };
  }

  get last(): RunEntry | undefined {
    return this.written.at(-1);
  }
}

type Extract = CronTrigger['extract'];

function scheduled(extract: Extract, logger: Logger = silentLogger) {
  const clock = new StoppedClock();
  const store = new RunStore();
  const service = (name: string, url?: string): Service => {
    let stop: (signal: AbortSignal) => Promise<void> = () => Promise.resolve();
    let start: () => Promise<void> = () => Promise.resolve();
    return {
      name,
      attach: ({ execution }) => {
        if (name !== 'scheduler') return;
        start = () => execution.start();
        stop = (signal) => execution.stop(signal);
      },
      start: async () => {
        await start();
        return url === undefined ? undefined : { host: 'h', port: 1, url };
      },
      stop: (signal) => stop(signal),
    };
  };
  const trigger: CronTrigger = { name: 'tick', mode: 'cron', schedule: '* * * * *', extract };
  const hook = {
    name: 'hook',
    mode: 'http',
    route: { methods: ['GET'], path: '/' },
    extract: () => ({ data: {} }),
  };
  const source: Source = { name: 'clock', triggers: [trigger, hook as Source['triggers'][number]] };
  const app = createApplication({
    name: 'shop',
    sources: [source],
    destinations: [],
    store: store.asStore(),
    queue: new HandQueue().asQueue(),
    gateway: service('gateway', 'http://h:1'),
    scheduler: service('scheduler'),
    clock,
    logger,
  });
  return { app, store, clock, operate: operations(app) };
}

const startOf = (instant: string): Date => new Date(`2026-01-02T${instant}Z`);

describe('the runs of a cron trigger', () => {
  it('are kept from their tick to their end, with what they added', async () => {
    let give: (() => void) | undefined;
    const { app, store, clock } = scheduled(
      () => new Promise((resolve) => (give = () => resolve({ data: { n: 1 } }))),
    );
    await app.start();
    await clock.advance(MINUTE_MS);
    const [begun] = store.written;
    expect(begun).toMatchObject({ ...NIGHTLY, byHand: false, scheduledAt: startOf('03:05:00') });
    expect(begun?.process).toMatch(/.:\d+$/);
    expect(begun).not.toHaveProperty('finishedAt');
    clock.jump(1_500);
    give?.();
    await settled();
    const event = store.commits.commits[0]?.[0];
    expect(event?.messageId).toBe('tick@2026-01-02T03:05:00.000Z');
    expect(store.last).toEqual({
      ...begun,
      startedAt: startOf('03:05:00'),
      finishedAt: startOf('03:05:06.500'),
      events: 1,
      eventId: event?.id,
    });
    await app.stop();
  });

  it('are a success when there was nothing to add, and name no event that was there before', async () => {
    let message: string | undefined;
    const { app, store, clock } = scheduled(() =>
      message === undefined ? undefined : { data: {}, messageId: message },
    );
    await app.start();
    await clock.advance(MINUTE_MS);
    expect(store.last).toMatchObject({ events: 0 });
    message = 'seen';
    await clock.advance(MINUTE_MS);
    expect(store.last).toMatchObject({ events: 0 });
    expect(store.last).not.toHaveProperty('eventId');
    message = 'bad';
    await clock.advance(MINUTE_MS);
    expect(store.last).toMatchObject({ error: { code: 'FRAGMENT_INGEST_EVENT_REFUSED' } });
    await app.stop();
  });

  it('tell why they failed: what was thrown, no result in time, a scheduler that stopped', async () => {
    const thrown = Object.assign(new Error('x'.repeat(5_000)), { code: 'ECONNREFUSED' });
    const ways: (() => Promise<undefined>)[] = [
      () => Promise.reject(thrown),
      () => Promise.reject(new Error('no such table')),
      () => new Promise(() => undefined),
    ];
    const { app, store, clock } = scheduled(() => ways.shift()?.() ?? new Promise(() => undefined));
    await app.start();
    await clock.advance(MINUTE_MS);
    expect(store.last?.error).toEqual({ code: 'ECONNREFUSED', message: 'x'.repeat(1_000) });
    await clock.advance(MINUTE_MS);
    expect(store.last?.error).toEqual({ code: 'FRAGMENT_TRIGGER_THREW', message: 'no such table' });
    await clock.advance(6 * MINUTE_MS);
    expect(store.written.find(({ error }) => error?.code === 'FRAGMENT_TRIGGER_TIMEOUT')).toBeDefined();
    await app.stop();
    expect(store.last?.error?.code).toBe('FRAGMENT_TRIGGER_STOPPED');
    expect([...store.runs.values()].filter(({ finishedAt }) => !finishedAt)).toEqual([]);
  });

  it('work as ever when they cannot be kept, and the end of one is kept without its beginning', async () => {
    const warnings: unknown[] = [];
    const logger: Logger = { ...silentLogger, warn: (fields) => warnings.push(fields), child: () => logger };
    let give: (() => void) | undefined;
    const { app, store, clock } = scheduled(
      () => new Promise((resolve) => (give = () => resolve({ data: {} }))),
      logger,
    );
    await app.start();
    store.down = true;
    await clock.advance(MINUTE_MS);
    expect(warnings).toContainEqual(
      expect.objectContaining({ error: 'the store is away', trigger: 'triggers/clock/tick' }),
    );
    store.down = false;
    give?.();
    await settled();
    expect(store.commits.commits).toHaveLength(1);
    expect(store.written).toHaveLength(1);
    expect(store.last).toMatchObject({ events: 1, scheduledAt: startOf('03:05:00') });
    await app.stop();
  });
});

describe('a cron trigger that is run by hand', () => {
  it('runs at once, is kept as such, and does not run twice at a time', async () => {
    let give: (() => void) | undefined;
    const { app, store, operate } = scheduled(
      () => new Promise((resolve) => (give = () => resolve(undefined))),
    );
    await app.start();
    const both = await Promise.allSettled([operate.runTrigger(NIGHTLY), operate.runTrigger(NIGHTLY)]);
    expect(both[0]).toMatchObject({
      value: { ...NIGHTLY, state: 'running', byHand: true, scheduledAt: startOf('03:04:05') },
    });
    expect(both[1]).toMatchObject({ reason: { code: 'FRAGMENT_TRIGGER_RUNNING', status: 409 } });
    give?.();
    await settled();
    expect(store.last).toMatchObject({ byHand: true, events: 0 });
    await operate.runTrigger(NIGHTLY);
    give?.();
    await settled();
    expect(store.runs.size).toBe(2);
    await app.stop();
  });

  it('is refused while the schedule runs it, elsewhere too', async () => {
    const { app, clock, store, operate } = scheduled(() => new Promise(() => undefined));
    await app.start();
    await clock.advance(MINUTE_MS);
    await expect(operate.runTrigger(NIGHTLY)).rejects.toMatchObject({ code: 'FRAGMENT_TRIGGER_RUNNING' });
    expect(store.runs.size).toBe(1);
    await app.stop();
  });

  it('is refused where nothing can run it, and gives back what it took when the store fails', async () => {
    const { app, store, operate } = scheduled(() => undefined);
    await expect(operate.runTrigger(NIGHTLY)).rejects.toMatchObject({ code: 'FRAGMENT_SCHEDULER_NOT_HERE' });
    await app.start();
    await expect(operate.runTrigger({ ...NIGHTLY, trigger: 'hook' })).rejects.toMatchObject({
      code: 'FRAGMENT_TRIGGER_NOT_SCHEDULED',
    });
    await expect(operate.runTrigger({ ...NIGHTLY, trigger: 'none' })).rejects.toMatchObject({
      code: 'FRAGMENT_INGEST_TRIGGER_UNKNOWN',
    });
    store.down = true;
    await expect(operate.runTrigger(NIGHTLY)).rejects.toThrow('the store is away');
    store.down = false;
    expect(await operate.runTrigger(NIGHTLY)).toMatchObject({ state: 'running' });
    await app.stop();
  });
});

describe('the services of a process', () => {
  it('are entered when they run, make themselves heard every ten seconds, and leave when they stop', async () => {
    const { app, store, clock } = scheduled(() => undefined);
    await app.start();
    // The version is read from a file.
    while (store.beats === 0) await settled();
    const entries = [...store.services.values()];
    expect(entries).toMatchObject([
      { service: 'gateway', application: 'shop', pid: process.pid, address: 'http://h:1' },
      { service: 'scheduler', version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
    ]);
    expect(entries[1]).not.toHaveProperty('address');
    await clock.advance(MINUTE_MS);
    expect(store.beats).toBe(7);
    expect(store.last?.service).toBe(entries[1]?.id);
    await app.stop();
    expect([...store.services.keys()]).toEqual([]);
    await clock.advance(MINUTE_MS);
    expect(store.beats).toBe(7);
  });

  it('make no noise while the store is away, and are there again when it is', async () => {
    const said: unknown[] = [];
    const say = (fields: object, message?: string): void => void said.push([fields, message]);
    const logger: Logger = { ...silentLogger, info: say, warn: say, error: say, child: () => logger };
    const { app, store, clock } = scheduled(() => undefined, logger);
    await app.start({ scheduler: false });
    while (store.beats === 0) await settled();
    store.services.clear();
    store.down = true;
    await clock.advance(3 * 10_000);
    store.down = false;
    await clock.advance(10_000);
    expect([...store.services.values()].map(({ service }) => service)).toEqual(['gateway']);
    store.down = true;
    await app.stop();
    expect(said).toEqual([]);
  });
});

import { hostname } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { CronTrigger, Flow, FragmentError, Source } from '@fragment/core';
import { segmentflow } from '@fragment/segmentflow';
import { testPostgres, waitFor, type TestPostgres } from '@fragment/testing';
import { follow } from './admin-client.js';
import { failure, recorder, succeeds } from './recorder.js';
import { Opened, openWorld, type World, type WorldOptions } from './world.js';

let database: TestPostgres;
const opened = new Opened();
beforeAll(async () => {
  database = await testPostgres();
});
afterEach(() => opened.stop());
afterAll(() => database.stop());

async function open(o: Omit<WorldOptions, 'database'>): Promise<World> {
  return opened.add(await openWorld({ database, ...o }));
}

const order = (n: number) => ({ userId: `user-${n}`, event: 'Order Completed', messageId: `order-${n}` });
const send = async (world: World, n: number) =>
  expect((await world.post('/v1/track', order(n))).status).toBe(200);

describe('a flow that throws', () => {
  it('stores the event with its plan error; replay plans it once the flow is mended', async () => {
    let broken = true;
    const mendable: Flow = {
      name: 'mendable',
      transform: () => {
        if (broken) throw new TypeError('traits is undefined');
        return { crm: [{ action: 'track' }] };
      },
    };
    const crm = recorder('crm');
    const world = await open({ destinations: [crm.destination], rest: { flows: [mendable] } });
    await send(world, 1);
    const planFailed = { events: { planFailed: true } };
    const { items } = await world.ops.findEvents(planFailed);
    expect(items).toMatchObject([
      { messageId: 'order-1', planError: 'FRAGMENT_PLAN_FAILED: traits is undefined', jobs: [] },
    ]);
    const shown = await world.admin<{ data: unknown }>('/store/events?events.plan_failed=true');
    expect(shown.data).toMatchObject([
      { message_id: 'order-1', plan_error: 'FRAGMENT_PLAN_FAILED: traits is undefined' },
    ]);

    broken = false;
    expect(await world.ops.replay(planFailed)).toEqual({ events: 1, jobs: 1 });
    await world.ended(1);
    expect(crm.taken.map(({ event }) => event.messageId)).toEqual(['order-1']);
    expect((await world.ops.findEvents(planFailed)).items).toEqual([]);
  });
});

interface Told {
  readonly message_id: string;
  readonly jobs: readonly { readonly destination: string; readonly status: string }[];
}

describe('an operator', () => {
  it('watches what becomes of events that came before: retried, replayed, tried again', async () => {
    let mended = false;
    const crm = recorder('crm', {
      answer: ({ event }) => {
        if (mended || event.messageId === 'order-2') return succeeds();
        return { outcome: event.messageId === 'order-1' ? 'discarded' : 'failed', error: failure };
      },
    });
    const world = await open({ destinations: [crm.destination, recorder('erp').destination] });
    for (const n of [1, 2, 3]) await send(world, n);
    await waitFor(async () => {
      const { count } = await world.ops.findJobs({ jobs: { statusIn: ['discarded', 'succeeded'] } });
      return count === 5 && crm.taken.length > 3;
    });

    const stream = `${world.scheduler}/admin/api/store/stream`;
    const all = opened.add(await follow(stream));
    const delivered = opened.add(await follow(`${stream}?jobs.status_in=succeeded&jobs.destinations_in=crm`));
    const told = ({ sent }: typeof all): Told[] =>
      sent.filter(({ event }) => event === 'event').map(({ data }) => data as Told);
    const last = (n: number) =>
      told(all)
        .findLast(({ message_id: id }) => id === `order-${n}`)
        ?.jobs.map(({ status }) => status);
    await waitFor(() => last(3)?.includes('failed'));
    expect(told(delivered).map(({ message_id: id }) => id)).not.toContain('order-3');

    mended = true;
    expect(await world.ops.retry({ jobs: { statusIn: ['discarded'] } })).toEqual({ count: 1 });
    expect(await world.ops.replay({ events: { messageId: 'order-2' } })).toEqual({ events: 1, jobs: 2 });
    const isDone = (n: number, jobs: number) =>
      last(n)?.length === jobs && last(n)?.every((status) => status === 'succeeded');
    await waitFor(() => isDone(1, 2) && isDone(2, 4) && isDone(3, 2));
    await waitFor(() => new Set(told(delivered).map(({ message_id: id }) => id)).size === 3);
    for (const { jobs } of told(delivered))
      expect(jobs).toContainEqual(expect.objectContaining({ destination: 'crm', status: 'succeeded' }));
  });

  it('pauses a destination, whose jobs wait, and resumes it', async () => {
    const crm = recorder('crm');
    const warehouse = recorder('warehouse');
    const world = await open({ destinations: [crm.destination, warehouse.destination] });
    await world.ops.pause('crm', 'they are moving');
    expect(await world.ops.lanes()).toMatchObject([{ state: 'paused', reason: 'they are moving' }]);
    // The other processes read the state of the lanes now and then, so this one does.
    await waitFor(() => world.log.some(({ fields }) => fields['state'] === 'paused'));
    await send(world, 1);
    await send(world, 2);
    await waitFor(async () => {
      const { items } = await world.ops.findJobs({ jobs: { statusIn: ['succeeded'] } });
      return items.length === 2;
    });
    expect(warehouse.taken).toHaveLength(2);
    expect(crm.taken).toEqual([]);
    const { items } = await world.ops.findJobs({ jobs: { destinationsIn: ['crm'] } });
    expect(items.map(({ status, attempt }) => [status, attempt])).toEqual([
      ['awaiting', 0],
      ['awaiting', 0],
    ]);

    await world.ops.resume('crm');
    await world.ended(4);
    expect(crm.taken).toHaveLength(2);
  });

  it('lets a discarded job run again, with its history kept', async () => {
    let refuses = true;
    const crm = recorder('crm', {
      answer: () => (refuses ? { outcome: 'discarded', error: failure } : succeeds()),
    });
    const world = await open({ destinations: [crm.destination] });
    await send(world, 1);
    await world.ended(1);
    refuses = false;
    expect(await world.ops.retry({ jobs: { statusIn: ['discarded'] } })).toEqual({ count: 1 });
    const [job] = await waitFor(async () => {
      const jobs = await world.jobs();
      return jobs.every(({ status }) => status === 'succeeded') ? jobs : undefined;
    });
    expect(await world.history(job!)).toEqual([
      'executing',
      'discarded',
      'awaiting',
      'executing',
      'succeeded',
    ]);
    expect(crm.taken.map(({ countedAttempts }) => countedAttempts)).toEqual([0, 0]);
  });

  it('discards a job that waits', async () => {
    const crm = recorder('crm', {
      answer: () => ({ outcome: 'failed', error: failure, retryAfterMs: 60_000 }),
    });
    const world = await open({ destinations: [crm.destination] });
    await send(world, 1);
    await waitFor(async () => (await world.jobs())[0]?.status === 'failed');
    expect(await world.ops.discard({ jobs: { destinationsIn: ['crm'] } })).toEqual({ count: 1 });
    const [job] = await world.ended(1);
    expect(job).toMatchObject({ lastError: { code: 'FRAGMENT_DELIVERY_DISCARDED_BY_OPERATOR' } });
    expect(await world.history(job!)).toEqual(['executing', 'failed', 'discarded']);
  });
});

describe('follow-ups', () => {
  it('of a job that fails and then succeeds are written once each, and delivered', async () => {
    const crm = recorder('crm', {
      does: ['track', 'apologise', 'thank'],
      answer: (job) => {
        if (job.action !== 'track') return succeeds();
        if (job.attempt === 3) return { outcome: 'succeeded', then: [{ action: 'thank', data: { n: 1 } }] };
        return { outcome: 'failed', error: failure, then: [{ action: 'apologise' }] };
      },
    });
    const world = await open({ destinations: [crm.destination] });
    await send(world, 1);
    const track = await waitFor(async () => {
      const jobs = await world.jobs();
      return jobs.length === 3 ? jobs.find(({ action }) => action === 'track') : undefined;
    });
    const jobs = await world.ended(3);
    const children = jobs.filter(({ parentJobId }) => parentJobId === track.id);
    expect(children.map(({ action }) => action).sort()).toEqual(['apologise', 'thank']);
    expect(crm.taken.map(({ action }) => action).sort()).toEqual([
      'apologise',
      'thank',
      'track',
      'track',
      'track',
    ]);
    expect(crm.taken.find(({ action }) => action === 'thank')).toMatchObject({ data: { n: 1 }, depth: 1 });
  });
});

describe('cron triggers', () => {
  it('make one event per tick, however many schedulers there are', async () => {
    const ticks: string[] = [];
    const clockwork = (): Source => {
      const trigger: CronTrigger = {
        name: 'every-second',
        mode: 'cron',
        schedule: '@every 1s',
        flows: [{ name: 'count', transform: () => ({ crm: [{ action: 'track' }] }) }],
        extract: ({ scheduledAt }) => {
          ticks.push(scheduledAt.toISOString());
          return { data: { at: scheduledAt.toISOString() } };
        },
      };
      return { name: 'clock', triggers: [trigger] };
    };
    const crm = recorder('crm');
    const common = { destinations: [crm.destination], rest: { flows: segmentflow } };
    const first = await open({ ...common, sources: [clockwork()] });
    for (const sources of [[clockwork()], [clockwork()]])
      await open({ ...common, schema: first.schema, sources });

    const events = await waitFor(async () => {
      const { items } = await first.ops.findEvents({ events: { sourcesIn: ['clock'] } });
      return items.length >= 3 ? items : undefined;
    });
    const seconds = events.map(({ data }) => Date.parse((JSON.parse(data) as { at: string }).at) / 1_000);
    expect(seconds.every(Number.isInteger)).toBe(true);
    expect(new Set(seconds).size).toBe(events.length);
    // Asked once per tick too: a second extraction would have been swallowed as a duplicate.
    expect(new Set(ticks).size).toBe(ticks.length);
    await waitFor(() => crm.taken.length >= events.length);

    // Whoever ran a tick has entered itself, and says what came of it.
    const of = { source: 'clock', trigger: 'every-second' };
    const runs = await waitFor(async () => {
      const { items } = await first.ops.findRuns(of);
      return items.filter(({ state }) => state === 'succeeded').length >= 3 ? items : undefined;
    });
    const services = await waitFor(async () => {
      const told = await first.ops.services();
      return told.length === 6 ? told : undefined;
    });
    expect(services.map(({ service, gone }) => [service, gone])).toEqual(
      Array.from({ length: 3 }, () => [
        ['gateway', false],
        ['scheduler', false],
      ]).flat(),
    );
    const schedulers = services.filter(({ service }) => service === 'scheduler').map(({ id }) => id);
    expect(new Set(runs.map(({ scheduledAt }) => scheduledAt.getTime())).size).toBe(runs.length);
    for (const run of runs.filter(({ state }) => state === 'succeeded')) {
      expect(run).toMatchObject({ byHand: false, events: 1, process: `${hostname()}:${process.pid}` });
      expect(schedulers).toContain(run.service);
      expect((await first.ops.findEvent(run.eventId!))?.source).toBe('clock');
    }
  });
});

describe('options that cannot work', () => {
  const refused = async (start: Promise<World>): Promise<readonly string[]> => {
    const error: unknown = await start.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'FRAGMENT_CONFIG_INVALID' });
    return (error as FragmentError).validations.map(({ path }) => path.join('.'));
  };

  it('are refused before anything starts, all at once', async () => {
    const crm = recorder('crm').destination;
    const spaced = recorder('a name with spaces').destination;
    expect(await refused(open({ destinations: [crm, crm, spaced] }))).toEqual([
      'destinations.crm',
      'destinations.a name with spaces',
    ]);
  });

  it('are settings out of their range too', async () => {
    const destinations = [recorder('crm').destination];
    const execution = { leaseMs: -1, messages: 0 };
    expect(await refused(open({ destinations, execution }))).toEqual([
      'execution.leaseMs',
      'execution.messages',
    ]);
  });
});

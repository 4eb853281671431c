import { describe, expect, it } from '@jest/globals';
import type { Flow } from '../contracts/source.js';
import { destinationOf, everyJob, storedEvent } from '../fixtures.fixture.js';
import { Planner } from './plan.js';

describe('planning', () => {
  const load = (batch: Parameters<typeof everyJob>[0]) =>
    everyJob(batch, (j) => ({ job: j.id, outcome: 'succeeded' }));
  const flow = (actions: ReturnType<Flow['transform']>, over: Partial<Flow> = {}): Flow => ({
    name: 'f',
    transform: () => actions,
    ...over,
  });

  it('numbers the jobs of all flows in order; the same action may stand there twice', () => {
    const planner = new Planner([destinationOf(load), destinationOf(load, { name: 'mail' })]);
    const plan = planner.plan(storedEvent(), [
      flow({ crm: [{ action: 'track' }, { action: 'track', data: { n: 2 } }] }),
      flow({ mail: [{ action: 'track' }] }),
      flow({ crm: [{ action: 'track' }] }, { enabled: false }),
    ]);
    expect(plan).toEqual({
      jobs: [
        { seq: 0, destination: 'crm', action: 'track' },
        { seq: 1, destination: 'crm', action: 'track', data: { n: 2 } },
        { seq: 2, destination: 'mail', action: 'track' },
      ],
    });
    expect(planner.plan(storedEvent(), [])).toEqual({ jobs: [] });
  });

  it('has no half plan: a flow that throws or names the unknown is the event’s plan error', () => {
    const planner = new Planner([destinationOf(load)]);
    const good = flow({ crm: [{ action: 'track' }] });
    const bad = flow(
      {},
      {
        transform: () => {
          throw new Error('boom');
        },
      },
    );
    expect(planner.plan(storedEvent(), [good, bad])).toEqual({ error: 'FRAGMENT_PLAN_FAILED: boom' });
    expect(planner.plan(storedEvent(), [good, flow({ crm: [{ action: 'nope' }] })])).toMatchObject({
      error: expect.stringMatching(/^FRAGMENT_PLAN_UNKNOWN_ACTION: .*crm\/nope/),
    });
  });

  it('freezes data with marshal, keys ordered destinations by user, and dates collected jobs', () => {
    const planner = new Planner([
      destinationOf(load, {
        ordering: 'user',
        schedule: { realtime: false, interval: '@every 1h' },
        actions: [{ name: 'track', load, marshal: (e) => ({ frozen: e.userId ?? null }) }],
      }),
    ]);
    const calls = flow({ crm: [{ action: 'track' }] });
    const jobOf = (userId: string) => {
      const plan = planner.plan(storedEvent({ userId }), [calls]);
      return 'jobs' in plan ? plan.jobs[0] : undefined;
    };
    expect(jobOf('u1')).toMatchObject({
      data: { frozen: 'u1' },
      dueAt: new Date('2026-01-02T04:00:00.000Z'),
    });
    expect(jobOf('u1')?.orderKey).toBe(jobOf('u1')?.orderKey);
    expect(jobOf('u1')?.orderKey).not.toBe(jobOf('u2')?.orderKey);
  });

  it('shows a flow what it may know of the destinations', () => {
    let seen: unknown;
    const planner = new Planner([destinationOf(load, { accepts: 'segment', integrations: ['CRM'] })]);
    planner.plan(storedEvent(), [
      flow(
        {},
        {
          transform: (_e, t) => {
            seen = t.destinations;
            return {};
          },
        },
      ),
    ]);
    expect(seen).toEqual([{ name: 'crm', integrations: ['CRM'], accepts: 'segment', actions: ['track'] }]);
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { cleanUp, started } from './admin.fixture.js';
import { bulk } from './samples.fixture.js';
import type { AdminToken, Role } from './index.js';

afterEach(cleanUp);

const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

describe('a purge', () => {
  it('without a filter is that of the retention, which is told with its policies', async () => {
    const { ask, done } = await started();
    const { status, body } = await ask('/admin/api/store/purge', post({}));
    expect([status, body.message, body.data]).toEqual([
      202,
      'Accepted',
      { events: 1, keys: 2, rejections: 3 },
    ]);
    expect(body.meta).toMatchObject({
      where: { policies: [{ where: { 'events.types_in': ['page'] }, older_than_ms: 4 }] },
    });
    expect(done[0]).toEqual(['purge']);
  });

  it('with a filter is an order, told with the filter that holds', async () => {
    const { ask, done } = await started();
    const where = { 'events.received_before': '2026-01-02', 'jobs.status_in': ['succeeded'] };
    const { status, body } = await ask('/admin/api/store/purge', post({ where, rate_per_second: 50 }));
    expect([status, body.message]).toEqual([202, 'Accepted']);
    expect(done).toEqual([
      [
        'order',
        {
          kind: 'purge',
          where: {
            events: { receivedBefore: new Date('2026-01-02T00:00:00Z') },
            jobs: { statusIn: ['succeeded'] },
          },
          ratePerSecond: 50,
          actor: 'local',
        },
      ],
      [
        'note',
        { actor: 'local', action: 'store.purge', target: `purge ${bulk.id}`, count: 9, outcome: 'ok' },
      ],
    ]);
    // The filter of the order as the store has it, here the sample's.
    expect(body.meta).toEqual({
      where: {
        jobs: { 'jobs.created_after': expect.anything(), transitions: { 'jobs.status_in': ['discarded'] } },
      },
    });
    expect(body.data).toMatchObject({ id: bulk.id });
  });

  it('of everything has to be asked for by that name', async () => {
    const { ask, done } = await started();
    const refused = async (path: string, body: object) => {
      const { status, body: answer } = await ask(`/admin/api/store/${path}`, post(body));
      return [status, answer.validations?.map(({ path: at }) => at.join('.'))];
    };
    expect(await refused('purge', { where: {} })).toEqual([400, ['where']]);
    const noExceptions = { 'events.sources_notin': [] };
    expect(await refused('purge', { where: noExceptions })).toEqual([400, ['where.events.sources_notin']]);
    expect(await refused('purge', { all: false })).toEqual([400, ['all']]);
    expect(await refused('purge', { all: true, where: { 'events.name': 'Seen' } })).toEqual([400, ['all']]);
    expect(await refused('purge', { rate_per_second: 5 })).toEqual([400, ['rate_per_second']]);
    expect(await refused('purge', { filter: {} })).toEqual([400, ['filter']]);
    expect(await refused('bulks', { kind: 'purge', where: {} })).toEqual([400, ['where']]);
    expect(done.filter(([name]) => name !== 'note')).toEqual([]);

    expect((await ask('/admin/api/store/purge', post({ all: true }))).status).toBe(202);
    const orders = done.filter(([name]) => name === 'order');
    expect(orders).toEqual([['order', { kind: 'purge', where: { events: {}, jobs: {} }, actor: 'local' }]]);
  });

  it('is ordered and previewed by admin alone, and cancelled by whoever operates', async () => {
    const tokens: readonly AdminToken[] = (['read', 'operate', 'admin'] as const).map((role) => ({
      name: role,
      role,
      token: `${role} token, quite long`,
    }));
    const { ask, done } = await started({ tokens });
    const statuses = (path: string, body: object): Promise<number[]> =>
      Promise.all(
        (['read', 'operate', 'admin'] as const).map(async (role: Role) => {
          const headers = { authorization: `Bearer ${role} token, quite long` };
          return (await ask(`/admin/api/store/${path}`, post(body, headers))).status;
        }),
      );
    const order = { kind: 'purge', where: { 'events.name': 'Seen' } };
    expect(await statuses('preview', order)).toEqual([403, 403, 200]);
    expect(await statuses('bulks', order)).toEqual([403, 403, 202]);
    expect(await statuses('purge', { where: order.where })).toEqual([403, 403, 202]);
    expect(await statuses(`bulks/${bulk.id}/cancel`, {})).toEqual([403, 200, 200]);
    expect(done.filter(([name]) => name === 'order' || name === 'preview')).toHaveLength(3);
    expect(done).toContainEqual([
      'note',
      { actor: 'operate', action: 'bulk.order', outcome: 'FRAGMENT_ADMIN_FORBIDDEN' },
    ]);
  });
});

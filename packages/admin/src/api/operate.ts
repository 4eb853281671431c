import { FragmentError, type BulkKind, type JsonObject } from '@fragment/core';
import { laneOf } from '../resources/application.js';
import { bulkResource } from '../resources/oversight.js';
import type { Answer, Endpoint, EndpointContext } from './endpoint.js';
import { destinationOf } from './read-application.js';
import { eventOf, jobOf } from './read-store.js';
import { checkMayOrder, refuseUnfiltered } from './purge.js';
import { rateSchema, whereOf, whereSchema } from './where-body.js';

const closed = (properties: Record<string, object>, required: readonly string[] = []): object => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
});
const kind = { enum: ['retry', 'discard', 'replay', 'purge'] };
const nothing = closed({});

/** What an operator does. Each use of these is in the audit. */
export const operatingEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/api/store/preview',
    role: 'read',
    summary: 'How many an order would be about; of a purge admin may ask',
    body: closed({ kind, where: whereSchema }, ['kind', 'where']),
    handle: async (c) => {
      const { operations, body } = c;
      const of = body['kind'] as BulkKind;
      checkMayOrder(c, of);
      const { count, countIsCapped } = await operations.preview(of, whereOf(body['where']));
      return { data: { kind: body['kind'], count, count_is_capped: countIsCapped } };
    },
  },
  {
    method: 'POST',
    path: '/api/store/bulks',
    role: 'operate',
    summary:
      'Orders to retry, discard or replay all that match, at a rate, or to purge them, which admin may',
    body: closed(
      {
        kind,
        where: whereSchema,
        rate_per_second: rateSchema,
      },
      ['kind', 'where'],
    ),
    audit: 'bulk.order',
    handle: orderBulk,
  },
  {
    method: 'POST',
    path: '/api/store/bulks/:bulk_id/cancel',
    role: 'operate',
    summary: 'Cancels an order; what is done stays done',
    body: nothing,
    audit: 'bulk.cancel',
    handle: async ({ operations, param }) => {
      const bulk = await operations.cancelBulk(param('bulk_id'));
      if (!bulk) throw new FragmentError('FRAGMENT_ADMIN_BULK_UNKNOWN');
      return { data: bulkResource(bulk) };
    },
  },
  {
    method: 'POST',
    path: '/api/store/jobs/:job_id/retry',
    role: 'operate',
    summary: 'Lets a job run again at once',
    body: nothing,
    audit: 'job.retry',
    handle: async (c) => counted(await c.operations.retry({ jobs: { idsIn: [(await jobOf(c)).id] } })),
  },
  {
    method: 'POST',
    path: '/api/store/jobs/:job_id/discard',
    role: 'operate',
    summary: 'Ends a waiting job',
    body: nothing,
    audit: 'job.discard',
    handle: async (c) => counted(await c.operations.discard({ jobs: { idsIn: [(await jobOf(c)).id] } })),
  },
  {
    method: 'POST',
    path: '/api/store/events/:event_id/replay',
    role: 'operate',
    summary: 'Plans an event again and adds its jobs',
    body: nothing,
    audit: 'event.replay',
    handle: async (c) => {
      const done = await c.operations.replay({ events: { idsIn: [(await eventOf(c)).id] } });
      return { data: done, noted: { count: done.jobs } };
    },
  },
  {
    method: 'POST',
    path: '/api/destinations/:destination_name/pause',
    role: 'operate',
    summary: 'Stops the deliveries of a destination; its jobs stay',
    body: closed({ reason: { type: 'string', minLength: 1, maxLength: 500 } }),
    audit: 'lane.pause',
    handle: async (c) => {
      const { name } = destinationOf(c);
      await c.operations.pause(name, c.body['reason'] as string | undefined);
      return { data: laneOf(name, await c.operations.lanes()) };
    },
  },
  {
    method: 'POST',
    path: '/api/destinations/:destination_name/resume',
    role: 'operate',
    summary: 'Opens the lane of a destination, whatever closed it',
    body: nothing,
    audit: 'lane.resume',
    handle: async (c) => {
      const { name } = destinationOf(c);
      await c.operations.resume(name);
      return { data: laneOf(name, await c.operations.lanes()) };
    },
  },
  {
    method: 'POST',
    path: '/api/destinations/:destination_name/check',
    role: 'operate',
    summary: 'Do the credentials of a destination work?',
    body: nothing,
    audit: 'destination.check',
    handle: async (c) => ({ data: { result: await c.operations.check(destinationOf(c).name) } }),
  },
  {
    method: 'POST',
    path: '/api/test-events',
    role: 'operate',
    summary: 'Takes in a message as if it had been sent, for one destination alone where one is named',
    body: closed(
      {
        message: { type: 'object', required: ['type'], properties: { type: { type: 'string' } } },
        source: { type: 'string' },
        destination: { type: 'string' },
      },
      ['message'],
    ),
    audit: 'event.test',
    handle: sendTest,
  },
];

const counted = ({ count }: { readonly count: number }): Answer => ({ data: { count }, noted: { count } });

async function orderBulk(c: EndpointContext): Promise<Answer> {
  const { operations, body, identity } = c;
  const of = body['kind'] as BulkKind;
  const where = whereOf(body['where']);
  checkMayOrder(c, of);
  if (of === 'purge') refuseUnfiltered(where);
  const rate = body['rate_per_second'] as number | undefined;
  const bulk = await operations.order({
    kind: of,
    where,
    ...(rate === undefined ? {} : { ratePerSecond: rate }),
    actor: identity.actor,
  });
  return {
    status: 202,
    data: bulkResource(bulk),
    noted: { target: `${bulk.kind} ${bulk.id}`, count: bulk.total },
  };
}

async function sendTest({ operations, body }: EndpointContext): Promise<Answer> {
  const { message, source, destination } = body as {
    readonly message: JsonObject;
    readonly source?: string;
    readonly destination?: string;
  };
  const { event, outcome } = await operations.sendTest(message, {
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
  });
  const jobs = event.jobs.map(({ seq, destination: to, action }) => ({
    id: `${event.id}.${seq}`,
    destination: to,
    action,
  }));
  return { data: { event_id: event.id, outcome: outcome.outcome, jobs }, noted: { target: event.id } };
}

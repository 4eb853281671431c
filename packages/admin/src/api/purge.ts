import { FragmentError, type BulkKind, type Where } from '@fragment/core';
import { retentionResource } from '../resources/application.js';
import { bulkResource } from '../resources/oversight.js';
import type { Answer, Endpoint, EndpointContext } from './endpoint.js';
import { appliedOf } from './query.js';
import { rateSchema, whereOf, whereSchema } from './where-body.js';

/** How the store is emptied of what nobody needs any more. */
export const purgeEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: '/api/store/purge',
    role: 'admin',
    summary:
      'Deletes what the retention no longer keeps, now; orders to delete the events of `where`, or all of them',
    body: {
      type: 'object',
      additionalProperties: false,
      properties: { where: whereSchema, all: { const: true }, rate_per_second: rateSchema },
    },
    audit: 'store.purge',
    handle: (c) => ('where' in c.body || 'all' in c.body ? orderPurge(c) : purgeByRetention(c)),
  },
];

async function purgeByRetention({ app, operations, body }: EndpointContext): Promise<Answer> {
  if ('rate_per_second' in body) throw refused('rate_per_second', 'goes with where or all');
  const purged = await operations.purge();
  return {
    status: 202,
    meta: { where: retentionResource(app.retention) },
    data: purged,
    noted: { count: purged.events },
  };
}

async function orderPurge({ operations, body, identity }: EndpointContext): Promise<Answer> {
  const where = whereOf(body['where'] ?? {});
  if ('all' in body && 'where' in body) throw refused('all', 'goes without where');
  if (!('all' in body)) refuseUnfiltered(where);
  const rate = body['rate_per_second'] as number | undefined;
  const bulk = await operations.order({
    kind: 'purge',
    where,
    ...(rate === undefined ? {} : { ratePerSecond: rate }),
    actor: identity.actor,
  });
  return {
    status: 202,
    meta: { where: appliedOf(bulk.where) },
    data: bulkResource(bulk),
    noted: { target: `purge ${bulk.id}`, count: bulk.total },
  };
}

/**
 * What is deleted does not come back: who may retry may not purge, nor ask what a purge would find.
 * @throws {FragmentError} FRAGMENT_ADMIN_FORBIDDEN
 */
export function checkMayOrder({ access, req, caller }: EndpointContext, kind: BulkKind): void {
  if (kind === 'purge') access.allow(req, caller, 'admin');
}

/**
 * Nobody shall empty a store because a filter got lost on its way.
 * @throws {FragmentError} FRAGMENT_ADMIN_BODY_INVALID
 */
export function refuseUnfiltered(where: Where): void {
  if (Object.keys({ ...where.events, ...where.jobs }).length > 0) return;
  throw refused('where', 'must name a filter; POST /store/purge with { "all": true } is for every event');
}

function refused(field: string, problem: string): FragmentError {
  const validations = [{ message: `${field} ${problem}`, path: [field], field }];
  return new FragmentError('FRAGMENT_ADMIN_BODY_INVALID', { validations });
}

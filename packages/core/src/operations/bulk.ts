import type { Application } from '../contracts/application.js';
import type { BulkKind, BulkPreview, BulkRecord } from '../contracts/bulk.js';
import type { JobStatus, Where } from '../contracts/filters.js';
import { newId } from '../platform/toolkit.js';

const RETRIED: readonly JobStatus[] = ['failed', 'discarded', 'unknown'];
const DISCARDED: readonly JobStatus[] = ['awaiting', 'failed', 'unknown'];
const COUNTED = { retry: 'jobs', discard: 'jobs', replay: 'events', purge: 'purgeable' } as const;

/** How many an order would be about: for a retry or discard jobs, for a replay or purge events. */
export async function preview(app: Application, kind: BulkKind, where: Where): Promise<BulkPreview> {
  const found = await app.store.count(COUNTED[kind], narrowed(kind, where));
  return { kind, ...found };
}

export async function order(
  app: Application,
  o: {
    readonly kind: BulkKind;
    readonly where: Where;
    readonly ratePerSecond?: number;
    readonly actor: string;
  },
): Promise<BulkRecord> {
  const where = narrowed(o.kind, o.where);
  const { count, countIsCapped } = await preview(app, o.kind, where);
  const record: BulkRecord = {
    id: newId(),
    kind: o.kind,
    where,
    ...(o.ratePerSecond === undefined ? {} : { ratePerSecond: o.ratePerSecond }),
    state: 'waiting',
    total: count,
    totalIsCapped: countIsCapped,
    done: 0,
    visited: 0,
    actor: o.actor,
    createdAt: new Date(app.clock.now()),
  };
  await app.store.addBulk(record);
  return record;
}

/** @returns the order as it is afterwards; undefined when there is none. */
export async function cancel(app: Application, id: string): Promise<BulkRecord | undefined> {
  const known = await app.store.findBulk(id);
  if (!known) return undefined;
  const { done, visited } = known;
  await app.store.setBulk(id, { state: 'cancelled', done, visited });
  return app.store.findBulk(id);
}

/** Only what the order can change: a count of others would promise too much. */
function narrowed(kind: BulkKind, where: Where): Where {
  if (kind === 'replay' || kind === 'purge') return where;
  const able = kind === 'retry' ? RETRIED : DISCARDED;
  const asked = where.jobs?.statusIn;
  return {
    ...where,
    jobs: { ...where.jobs, statusIn: asked ? able.filter((s) => asked.includes(s)) : able },
  };
}

import { createHash } from 'node:crypto';
import { newId, type ErasureReceipt, type Store } from '@fragment/core';
import { array, uuid, withoutNul } from '../binding/arrays.js';
import { bounds } from '../binding/ids.js';
import type { Database } from '../connection/database.js';
import type { AdminDatabase } from './admin-database.js';
import { newestFirst } from './newest-first.js';

const EVENTS_AT_ONCE = 200;

type Deleted = Pick<ErasureReceipt, 'events' | 'jobs' | 'attempts' | 'keys'>;

interface ErasureRow extends Deleted {
  readonly id: string;
  readonly at: Date;
  readonly actor: string;
  readonly subject: string;
  readonly rejections: number;
}

/** Everything of one user goes, step by step, each step its own short transaction; what it was is told by a receipt. */
export function erasing(db: Database, admin: AdminDatabase): Pick<Store, 'erase' | 'findErasures'> {
  const statements = statementsOf(db);
  const finding = findingOf(db.table('events'));
  const deleteEvents = (ids: readonly string[]): Promise<Deleted> =>
    db.transaction(async (session) => {
      const chosen = [array(uuid, ids), ...bounds(ids)];
      const [row] = await session.run<Deleted & { readonly parents: readonly string[] }>(
        statements.events,
        chosen,
      );
      const emptied = await session.run(statements.parents, [array(uuid, row?.parents ?? [])]);
      return {
        events: (row?.events ?? 0) + emptied.length,
        jobs: row?.jobs ?? 0,
        attempts: row?.attempts ?? 0,
        keys: row?.keys ?? 0,
      };
    });

  return {
    async erase(given, { actor }): Promise<ErasureReceipt> {
      const id = withoutNul(given);
      const quoted = JSON.stringify(id);
      const known = await admin.raw<{ anonymous_id: string }>(finding.anonymousIds, [id]);
      const anonymousIds = known.map((row) => row.anonymous_id);
      const total = { events: 0, jobs: 0, attempts: 0, keys: 0 };
      for (;;) {
        const chosen = await admin.raw<{ id: string }>(finding.events, [id, id, anonymousIds, quoted]);
        if (chosen.length === 0) break;
        const deleted = await deleteEvents(chosen.map((row) => row.id));
        for (const part of ['events', 'jobs', 'attempts', 'keys'] as const) total[part] += deleted[part];
      }
      const rejections = (await db.run(statements.rejections, [quoted])).length;
      await db.run(statements.bulks, [quoted]);
      const subject = createHash('sha256').update(given).digest('hex');
      const counts = [total.events, total.jobs, total.attempts, total.keys, rejections];
      const [row] = await db.run<ErasureRow>(statements.receipt, [newId(), actor, subject, ...counts]);
      return row ? { ...row } : { id: '', at: new Date(0), actor, subject, ...total, rejections };
    },
    findErasures: newestFirst<ErasureRow, ErasureReceipt>(admin, 'erasures', {
      id: 'uuid',
      map: (row) => ({ ...row }),
    }),
  };
}

/** On the connections of lists: these read the index that searches for users, which the hot ones have no use for. */
const findingOf = (events: string) => ({
  anonymousIds: `select distinct anonymous_id from ${events} where user_id = ? and anonymous_id is not null`,
  // An anonymous id may have been somebody else's on the same device: of it only what has no user id goes. An alias
  // names the user it was in its text.
  events: `select id from (
      (select id from ${events} where user_id = ? limit ${EVENTS_AT_ONCE})
      union (select id from ${events} where anonymous_id = ? limit ${EVENTS_AT_ONCE})
      union (select id from ${events} where anonymous_id = any(?::text[]) and user_id is null limit ${EVENTS_AT_ONCE})
      union (select id from ${events} where type = 'alias' and position(? in data) > 0 limit ${EVENTS_AT_ONCE})
    ) theirs limit ${EVENTS_AT_ONCE}`,
});

function statementsOf(db: Database) {
  const table = (name: string): string => db.table(name);
  const events = table('events');
  return {
    events: db.statement(
      'erase_events',
      `with gone as (
         delete from ${events} where id = any($1::uuid[]) and id between $2::uuid and $3::uuid
         returning id, parent_event_id, source, message_id
       ), no_jobs as (
         delete from ${table('jobs')} j using gone g
         where j.event_id = g.id and j.event_id = any($1::uuid[]) and j.event_id between $2::uuid and $3::uuid returning 1
       ), no_attempts as (
         delete from ${table('attempts')} a using gone g
         where a.event_id = g.id and a.event_id = any($1::uuid[]) and a.event_id between $2::uuid and $3::uuid returning 1
       ), no_keys as (
         delete from ${table('message_keys')} k using gone g
         where k.source = g.source and k.message_id = g.message_id and k.event_id = g.id returning 1
       )
       select (select count(*) from gone)::integer as events, (select count(*) from no_jobs)::integer as jobs,
         (select count(*) from no_attempts)::integer as attempts, (select count(*) from no_keys)::integer as keys,
         coalesce((select array_agg(distinct parent_event_id) from gone where parent_event_id is not null), '{}') as parents`,
    ),
    parents: db.statement(
      'erase_parents',
      `delete from ${events} p where p.id = any($1::uuid[]) and p.type = 'batch'
         and not exists (select from ${events} item where item.parent_event_id = p.id) returning 1`,
    ),
    rejections: db.statement(
      'erase_rejections',
      `delete from ${table('rejections')} where position($1::text in data) > 0 returning 1`,
    ),
    bulks: db.statement(
      'erase_bulks',
      `delete from ${table('bulks')} where finished_at is not null and position($1::text in filter) > 0`,
    ),
    receipt: db.statement(
      'erase_receipt',
      `insert into ${table('erasures')} (id, at, actor, subject, events, jobs, attempts, keys, rejections)
       values ($1::uuid, now(), $2::text, $3::text, $4::integer, $5::integer, $6::integer, $7::integer, $8::integer)
       returning *`,
    ),
  };
}

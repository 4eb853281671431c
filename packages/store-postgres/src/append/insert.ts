import type { PlannedEvent } from '@fragment/core';
import { encode, names, unnest } from '../binding/columns.js';
import type { Database } from '../connection/database.js';
import type { Session, Statement, Value } from '../connection/session.js';
import {
  dueColumn,
  eventColumns,
  familyColumns,
  GATE,
  gateColumn,
  jobColumns,
  keyColumns,
  keyed,
  type EventRow,
} from './rows.js';

/** Events on their way in. `parents`: every parent of the whole batch, by id; `certain`: parents known to have a new item. */
export interface InsertContext {
  readonly parents: ReadonlyMap<string, PlannedEvent>;
  readonly certain: ReadonlySet<string>;
}

export interface Inserting {
  /** One statement, all or nothing. Returns the ids that were not stored: duplicates, and parents of nothing new. */
  insert(
    session: Session,
    events: readonly PlannedEvent[],
    context: InsertContext,
  ): Promise<ReadonlySet<string>>;
  /** The ids under which these messages were stored before, in the same order. */
  existing(session: Session, events: readonly PlannedEvent[]): Promise<readonly (string | undefined)[]>;
}

/**
 * `is true` keeps PostgreSQL from making a join of the last condition: joins are nested loops here, whose cost would
 * grow with the square of the commit, while the condition as it stands looks into a hash table.
 */
function insertStatement(db: Database): Statement {
  let first = 1;
  const from = (alias: string, columns: readonly { name: string; sql: string }[]): string => {
    const sql = unnest(alias, columns, first);
    first += columns.length;
    return sql;
  };
  const keys = from('k', keyColumns);
  const ids = `$${first}::uuid[]`;
  const events = from('e', [...eventColumns, gateColumn]);
  const families = from('f', familyColumns);
  const jobs = from('j', [...jobColumns, dueColumn]);
  return db.statement(
    'append',
    `with fresh as (
      insert into ${db.table('message_keys')} (${names(keyColumns)}, seen_at)
      select ${names(keyColumns)}, now() from ${keys}
      on conflict do nothing
      returning event_id
    ), stored as (
      insert into ${db.table('events')} (${names(eventColumns)})
      select ${names(eventColumns)} from ${events}
      where gate = ${GATE.always}
        or (gate = ${GATE.newKey} and id in (select event_id from fresh))
        or (gate = ${GATE.newItem} and id in (select parent from ${families} where item in (select event_id from fresh)))
      returning id
    ), planned as (
      insert into ${db.table('jobs')} (${names(jobColumns)}, due_at)
      select ${names(jobColumns)}, coalesce(due_at, now()) from ${jobs}
      where (event_id in (select id from stored)) is true
    )
    select id from unnest(${ids}) as all_of_them(id) where id not in (select id from stored)`,
  );
}

/** Every process inserts keys in the same order: two that hold the same ones wait for each other instead of deadlocking. */
const byKey = (a: PlannedEvent, b: PlannedEvent): number => {
  if (a.source !== b.source) return a.source < b.source ? -1 : 1;
  const [left, right] = [a.messageId ?? '', b.messageId ?? ''];
  return left === right ? 0 : left < right ? -1 : 1;
};

/** undefined: a parent none of whose items is among these events. */
function gateOf(
  event: PlannedEvent,
  items: ReadonlyMap<string, 'new' | 'maybe'>,
  certain: ReadonlySet<string>,
): number | undefined {
  if (event.parent !== true) return keyed(event) ? GATE.newKey : GATE.always;
  if (certain.has(event.id)) return GATE.always;
  const item = items.get(event.id);
  if (item === undefined) return undefined;
  return item === 'new' ? GATE.always : GATE.newItem;
}

/** Of each parent with items among these events: is one surely new, or does it depend on the keys? */
function itemsByParent(events: readonly PlannedEvent[]): Map<string, 'new' | 'maybe'> {
  const items = new Map<string, 'new' | 'maybe'>();
  for (const event of events) {
    if (event.parentEventId === undefined) continue;
    if (!keyed(event)) items.set(event.parentEventId, 'new');
    else if (!items.has(event.parentEventId)) items.set(event.parentEventId, 'maybe');
  }
  return items;
}

function bind(events: readonly PlannedEvent[], { parents, certain }: InsertContext): Value[] {
  const items = itemsByParent(events);
  const rows: EventRow[] = [];
  for (const event of events) {
    const gate = gateOf(event, items, certain);
    if (gate === undefined) continue;
    const parent = event.parentEventId === undefined ? undefined : parents.get(event.parentEventId);
    rows.push({ event, gate, envelope: parent?.envelope === event.envelope ? undefined : event.envelope });
  }
  const dependent = rows.some(({ gate }) => gate === GATE.newItem);
  return [
    ...encode(keyColumns, events.filter(keyed).sort(byKey)),
    ...encode([...eventColumns, gateColumn], rows),
    ...encode(
      familyColumns,
      dependent ? events.filter((event) => event.parentEventId !== undefined && keyed(event)) : [],
    ),
    ...encode(
      [...jobColumns, dueColumn],
      rows.flatMap(({ event }) => event.jobs.map((job) => ({ eventId: event.id, job }))),
    ),
  ];
}

export function inserting(db: Database): Inserting {
  const insertion = insertStatement(db);
  const lookup = db.statement(
    'append_existing',
    `select k.ordinality::integer - 1 as index, m.event_id
     from unnest($1::text[], $2::text[]) with ordinality as k(source, message_id, ordinality)
     join ${db.table('message_keys')} m on m.source = k.source and m.message_id = k.message_id`,
  );
  return {
    async insert(session, events, context) {
      const rows = await session.run<{ id: string }>(insertion, bind(events, context));
      const missing = new Set(rows.map(({ id }) => id));
      // A parent without items here was not even sent.
      const items = itemsByParent(events);
      for (const event of events)
        if (gateOf(event, items, context.certain) === undefined) missing.add(event.id);
      return missing;
    },
    async existing(session, events) {
      const ids = new Array<string | undefined>(events.length).fill(undefined);
      const [source, messageId] = encode(keyColumns, events);
      if (source === undefined || messageId === undefined) return ids;
      const rows = await session.run<{ index: number; event_id: string }>(lookup, [source, messageId]);
      for (const row of rows) ids[row.index] = row.event_id;
      return ids;
    },
  };
}

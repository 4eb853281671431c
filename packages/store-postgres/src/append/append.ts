import type { AppendOptions, AppendResult, PlannedEvent, Store } from '@fragment/core';
import type { Database } from '../connection/database.js';
import { isDataError } from '../connection/failures.js';
import type { Session, TransactionSession } from '../connection/session.js';
import type { CallerTransactions } from './caller-transaction.js';
import { inserting, type Inserting } from './insert.js';
import { parentsOf, placing, recordInserted, unitsOf, type Outcomes } from './place.js';

/** Gives duplicates the id they were stored under. Returns those whose key vanished meanwhile: they are new again. */
async function nameDuplicates(
  statements: Inserting,
  session: Session,
  outcomes: Outcomes,
): Promise<PlannedEvent[]> {
  const duplicates = [...outcomes].filter(([, o]) => o.outcome === 'duplicate').map(([event]) => event);
  if (duplicates.length === 0) return [];
  const ids = await statements.existing(session, duplicates);
  const vanished: PlannedEvent[] = [];
  duplicates.forEach((event, index) => {
    const eventId = ids[index];
    if (eventId === undefined) vanished.push(event);
    else outcomes.set(event, { outcome: 'duplicate', eventId });
  });
  return vanished;
}

export function appending(db: Database, callers: CallerTransactions): Pick<Store, 'append'> {
  const statements = inserting(db);
  const placeUnits = placing(statements);

  const placeAll = async (session: TransactionSession, batch: readonly PlannedEvent[]): Promise<Outcomes> => {
    const parents = parentsOf(batch);
    const outcomes: Outcomes = new Map();
    await placeUnits(session, unitsOf(batch, parents), { parents, certain: new Set() }, outcomes);
    return outcomes;
  };

  /** One statement for all; only when the data of one is at fault, a transaction that tells them apart. */
  async function insertOwn(batch: readonly PlannedEvent[]): Promise<Outcomes> {
    try {
      const missing = await statements.insert(db, batch, { parents: parentsOf(batch), certain: new Set() });
      const outcomes: Outcomes = new Map();
      recordInserted(outcomes, batch, missing);
      return outcomes;
    } catch (error) {
      if (!isDataError(error)) throw error;
      return db.transaction((session) => placeAll(session, batch));
    }
  }

  async function appendOwn(batch: readonly PlannedEvent[]): Promise<Outcomes> {
    const outcomes = await insertOwn(batch);
    const vanished = await nameDuplicates(statements, db, outcomes);
    if (vanished.length > 0) for (const [event, o] of await appendOwn(vanished)) outcomes.set(event, o);
    return outcomes;
  }

  async function appendJoined(
    session: TransactionSession,
    batch: readonly PlannedEvent[],
  ): Promise<Outcomes> {
    const outcomes = await placeAll(session, batch);
    const vanished = await nameDuplicates(statements, session, outcomes);
    if (vanished.length > 0)
      for (const [event, o] of await appendJoined(session, vanished)) outcomes.set(event, o);
    return outcomes;
  }

  /** A duplicate or a fault rolls back to our savepoint: the caller's transaction is as sound as before. */
  async function appendWithin(batch: readonly PlannedEvent[], o: AppendOptions): Promise<Outcomes> {
    const caller = await callers.join(o.transaction);
    const outcomes = await caller.withDeadline((session) => appendJoined(session, batch));
    const [stored] = [...outcomes].find(([, { outcome }]) => outcome === 'stored') ?? [];
    if (o.committed !== undefined && stored !== undefined) caller.whenCommitted(stored.id, o.committed);
    return outcomes;
  }

  return {
    async append(batch, o = {}): Promise<AppendResult> {
      if (batch.length === 0) return [];
      // Outcomes are kept by object: the same one twice in a batch needs two.
      const events = new Set(batch).size === batch.length ? batch : batch.map((event) => ({ ...event }));
      const outcomes = o.transaction === undefined ? await appendOwn(events) : await appendWithin(events, o);
      return events.map((event) => outcomes.get(event) ?? { outcome: 'skipped' });
    },
  };
}

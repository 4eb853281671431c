import type { AppendOptions, AppendOutcome, AppendResult, PlannedEvent, Store } from '@fragment/core';
import type { Database } from '../connection/database.js';
import { isDataError } from '../connection/failures.js';
import type { Session, TransactionSession } from '../connection/session.js';
import type { CallerTransactions } from './caller-transaction.js';
import { inserting } from './insert.js';
import { parentsOf, placing, recordInserted, unitsOf, type Outcomes } from './place.js';

export function appending(db: Database, callers: CallerTransactions): Pick<Store, 'append'> {
  const statements = inserting(db);
  const placeUnits = placing(statements);

  /** Gives duplicates the id they were stored under. Returns those whose key vanished meanwhile: they are new again. */
  async function nameDuplicates(session: Session, outcomes: Outcomes): Promise<PlannedEvent[]> {
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

  const placeAll = (
    session: TransactionSession,
    batch: readonly PlannedEvent[],
    outcomes: Outcomes,
  ): Promise<void> => {
    const parents = parentsOf(batch);
    outcomes.clear();
    return placeUnits(session, unitsOf(batch, parents), { parents, certain: new Set() }, outcomes);
  };

  /** One statement for all; only when the data of one is at fault, a transaction that tells them apart. */
  async function appendOwn(batch: readonly PlannedEvent[]): Promise<Outcomes> {
    const outcomes: Outcomes = new Map();
    try {
      const missing = await statements.insert(db, batch, { parents: parentsOf(batch), certain: new Set() });
      recordInserted(outcomes, batch, missing);
    } catch (error) {
      if (!isDataError(error)) throw error;
      await db.transaction((session) => placeAll(session, batch, outcomes));
    }
    const vanished = await nameDuplicates(db, outcomes);
    if (vanished.length > 0)
      for (const [event, outcome] of await appendOwn(vanished)) outcomes.set(event, outcome);
    return outcomes;
  }

  /** A duplicate or a fault rolls back to our savepoint: the caller's transaction is as sound as before. */
  async function appendWithin(
    batch: readonly PlannedEvent[],
    { transaction, committed }: AppendOptions,
  ): Promise<Outcomes> {
    const outcomes: Outcomes = new Map();
    const caller = await callers.join(transaction);
    await caller.withDeadline(async (session) => {
      await placeAll(session, batch, outcomes);
      const vanished = await nameDuplicates(session, outcomes);
      if (vanished.length > 0) await placeAll(session, vanished, outcomes);
    });
    const [stored] = [...outcomes].find(([, { outcome }]) => outcome === 'stored') ?? [];
    if (committed !== undefined && stored !== undefined) caller.whenCommitted(stored.id, committed);
    return outcomes;
  }

  const missing: AppendOutcome = { outcome: 'skipped' };
  return {
    async append(batch, o = {}): Promise<AppendResult> {
      if (batch.length === 0) return [];
      // Outcomes are kept by object: the same one twice in a batch needs two.
      const events = new Set(batch).size === batch.length ? batch : batch.map((event) => ({ ...event }));
      const outcomes = o.transaction === undefined ? await appendOwn(events) : await appendWithin(events, o);
      return events.map((event) => outcomes.get(event) ?? missing);
    },
  };
}

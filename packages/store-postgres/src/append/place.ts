import { isFragmentError, type AppendOutcome, type PlannedEvent } from '@fragment/core';
import { isDataError, repeatOnConflict } from '../connection/failures.js';
import type { TransactionSession } from '../connection/session.js';
import type { InsertContext, Inserting } from './insert.js';

export type Outcomes = Map<PlannedEvent, AppendOutcome>;

/** What is stored or refused as one piece: an event, or a batch's parent with its items. */
type Unit = readonly PlannedEvent[];

export const parentsOf = (batch: readonly PlannedEvent[]): Map<string, PlannedEvent> =>
  new Map(batch.filter((event) => event.parent === true).map((event) => [event.id, event]));

export function unitsOf(batch: readonly PlannedEvent[], parents: ReadonlyMap<string, PlannedEvent>): Unit[] {
  const families = new Map<string, PlannedEvent[]>();
  const units: PlannedEvent[][] = [];
  for (const event of batch) {
    const parentId = event.parent === true ? event.id : event.parentEventId;
    const family = parentId === undefined || !parents.has(parentId) ? undefined : families.get(parentId);
    if (family !== undefined) family.push(event);
    else {
      const unit = [event];
      units.push(unit);
      if (parentId !== undefined && parents.has(parentId)) families.set(parentId, unit);
    }
  }
  return units;
}

export function recordInserted(
  outcomes: Outcomes,
  events: readonly PlannedEvent[],
  missing: ReadonlySet<string>,
): void {
  for (const event of events) {
    if (!missing.has(event.id)) outcomes.set(event, { outcome: 'stored' });
    else if (event.parent === true) outcomes.set(event, { outcome: 'skipped' });
    // Whose duplicate it is gets looked up at the end, for all at once.
    else outcomes.set(event, { outcome: 'duplicate', eventId: '' });
  }
}

const refused = (error: unknown): AppendOutcome => ({
  outcome: 'refused',
  code: 'FRAGMENT_INGEST_EVENT_REFUSED',
  message: (isFragmentError(error) ? error.detail : undefined) ?? 'The store cannot take this event.',
});

/**
 * Stores every sound event although some are not: what fails as a group is halved until the guilty event stands alone.
 * Everything happens in the session's transaction, so the batch still commits as one.
 */
export function placing(inserting: Inserting) {
  async function placeUnits(
    session: TransactionSession,
    units: readonly Unit[],
    context: InsertContext,
    outcomes: Outcomes,
  ): Promise<void> {
    const events = units.flat();
    try {
      const missing = await repeatOnConflict(() =>
        session.savepoint(() => inserting.insert(session, events, context)),
      );
      recordInserted(outcomes, events, missing);
    } catch (error) {
      if (!isDataError(error)) throw error;
      const [unit] = units;
      if (units.length > 1) {
        const middle = Math.ceil(units.length / 2);
        await placeUnits(session, units.slice(0, middle), context, outcomes);
        await placeUnits(session, units.slice(middle), context, outcomes);
      } else if (unit !== undefined && unit.length > 1) await placeFamily(session, unit, context, outcomes);
      else for (const event of events) outcomes.set(event, refused(error));
    }
  }

  /** The items first, each on its own; then the parent, if one of them is new. A parent that cannot be stored takes them along. */
  async function placeFamily(
    session: TransactionSession,
    family: Unit,
    context: InsertContext,
    outcomes: Outcomes,
  ): Promise<void> {
    const parent = family.find((event) => event.parent === true);
    const items = family.filter((event) => event !== parent);
    try {
      await session.savepoint(async () => {
        await placeUnits(
          session,
          items.map((item) => [item]),
          context,
          outcomes,
        );
        if (parent === undefined) return;
        const anyNew = items.some((item) => outcomes.get(item)?.outcome === 'stored');
        const certain = new Set(anyNew ? [parent.id] : []);
        recordInserted(
          outcomes,
          [parent],
          await inserting.insert(session, [parent], { ...context, certain }),
        );
      });
    } catch (error) {
      if (!isDataError(error)) throw error;
      for (const event of family) outcomes.set(event, refused(error));
    }
  }

  return placeUnits;
}

import type { Application } from '../contracts/application.js';
import type { Extraction, PlannedEvent } from '../contracts/events.js';
import { FragmentError } from '../errors/fragment-error.js';
import { planFamily } from '../planning/events.js';
import { Planner } from '../planning/plan.js';

/**
 * What `app.ingest` would store, and nothing is stored: the event with the jobs that the trigger's flows plan for it,
 * or with its plan error.
 * @throws {FragmentError} FRAGMENT_INGEST_TRIGGER_UNKNOWN
 */
export function planned(
  app: Application,
  sourceName: string,
  triggerName: string,
  extraction: Omit<Extraction, 'subEvents'>,
): PlannedEvent {
  const source = app.sources.find(({ name }) => name === sourceName);
  const trigger = source?.triggers.find(({ name }) => name === triggerName);
  if (!source || !trigger) {
    throw new FragmentError('FRAGMENT_INGEST_TRIGGER_UNKNOWN', {
      detail: `There is no ${sourceName}/${triggerName}.`,
    });
  }
  const receivedAt = new Date(app.clock.now());
  const [event] = planFamily(new Planner(app.destinations), source, trigger, extraction, receivedAt).events;
  if (!event) throw new FragmentError('FRAGMENT_PLAN_FAILED', { detail: 'There is no event.' });
  return event;
}

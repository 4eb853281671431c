import type { Application, Found, Operations } from '@fragment/core';
import { redactedRecords } from './redacted-records.js';
import type { Redactor } from './redactor.js';

/**
 * The operations, with what people sent as the hook lets it be shown. Every endpoint, list, export and stream asks these,
 * so there is no way around it.
 */
export function redactedOperations(operations: Operations, redactor: Redactor): Operations {
  const records = redactedRecords(redactor);
  const found = <T>(list: Found<T>, shown: (item: T) => T): Found<T> => ({
    ...list,
    items: list.items.map(shown),
  });
  return {
    ...operations,
    findEvents: async (where, page) => found(await operations.findEvents(where, page), records.event),
    findEvent: async (id) => {
      const event = await operations.findEvent(id);
      return event && records.event(event);
    },
    findJobs: async (where, page) => found(await operations.findJobs(where, page), records.job),
    findJob: async (id) => {
      const job = await operations.findJob(id);
      return job && records.job(job);
    },
    findTransitions: async (jobId) => {
      const [transitions, job] = await Promise.all([
        operations.findTransitions(jobId),
        operations.findJob(jobId),
      ]);
      return transitions.map((transition) => records.transition(transition, job));
    },
    findRejections: async (page) => found(await operations.findRejections(page), records.rejection),
    failureGroups: async (where, o) => (await operations.failureGroups(where, o)).map(records.failure),
    findRuns: async (of, page) => found(await operations.findRuns(of, page), records.run),
    lastRuns: async () => (await operations.lastRuns()).map(records.run),
    lanes: async () => (await operations.lanes()).map(records.lane),
    async *tail(where, signal) {
      for await (const event of operations.tail(where, signal)) yield records.event(event);
    },
  };
}

/** The application, whose checks tell why a lane is closed. */
export function redactedApplication(app: Application, redactor: Redactor): Application {
  const records = redactedRecords(redactor);
  return {
    ...app,
    async health() {
      const { status, checks } = await app.health();
      return { status, checks: checks.map(records.check) };
    },
  };
}

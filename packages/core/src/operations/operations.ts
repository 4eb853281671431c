import type { Application } from '../contracts/application.js';
import type { Where } from '../contracts/filters.js';
import type { Operations } from '../contracts/operations.js';
import type { Step, StepOptions } from '../contracts/oversight-store.js';
import type { TriggerRef } from '../contracts/runs.js';
import { GONE_AFTER_MS } from '../application/presence.js';
import { ownError } from '../execution/retry.js';
import { describeError } from '../platform/logger.js';
import { Planner } from '../planning/plan.js';
import { replayPage } from '../planning/plan-again.js';
import { cancel, order, preview } from './bulk.js';
import { check, pause, resume } from './lanes.js';
import { sendTest } from './send-test.js';
import { tailEvents } from './tail.js';

/** Jobs changed by one statement; between two of them others get their turn. */
const STEP = 1_000;
const REPLAY_PAGE = 200;

/** Everything an operator can see and do with an application. */
export function operations(app: Application): Operations {
  const { store } = app;
  return {
    findEvents: (where, page = {}) => store.findEvents(where, page),
    findEvent: (id) => store.findEvent(id),
    findJobs: (where, page = {}) => store.findJobs(where, page),
    findJob: (id) => store.findJob(id),
    findTransitions: (jobId) => store.findTransitions(jobId),
    findRejections: (page = {}) => store.findRejections(page),
    stats: () => store.stats(),
    migrations: () => store.migrations(),
    lanes: () => store.lanes(),
    findRuns: (of, page = {}) => store.findRuns(of, page),
    lastRuns: () => store.lastRuns(cronTriggers(app)),
    runTrigger: (of) => app.execution.runTrigger(of),
    services: () => store.services({ goneAfterMs: GONE_AFTER_MS }),
    statistics: (range) => store.statistics(range),
    failureGroups: (where, o = {}) => store.failureGroups(where, { limit: o.limit ?? 100 }),
    tail: (where, signal) => tailEvents(store, app.clock, where, signal),

    retry: (where) => retry(app, where),
    discard: (where) => discard(app, where),
    replay: (where) => replay(app, where),
    preview: (kind, where) => preview(app, kind, where),
    order: (o) => order(app, o),
    findBulk: (id) => store.findBulk(id),
    findBulks: (page = {}) => store.findBulks(page),
    cancelBulk: (id) => cancel(app, id),

    pause: (destination, reason) => pause(app, destination, reason),
    resume: (destination) => resume(app, destination),
    check: (destination) => check(app, destination),
    sendTest: (message, o) => sendTest(app, message, o),

    findUser: (id) => store.findUser(id),
    erase: (id, o) => store.erase(id, o),
    findErasures: (page = {}) => store.findErasures(page),
    purge: () => store.purge(app.retention),
    async note(record) {
      try {
        await store.addAudit({ ...record, at: new Date(app.clock.now()) });
      } catch (error) {
        app.logger.error({ ...describeError(error), ...record }, 'an act of an operator could not be noted');
      }
    },
    findAudit: (page = {}) => store.findAudit(page),
  };
}

const cronTriggers = ({ sources }: Application): readonly TriggerRef[] =>
  sources.flatMap(({ name, triggers }) =>
    triggers
      .filter(({ mode }) => mode === 'cron')
      .map((trigger) => ({ source: name, trigger: trigger.name })),
  );

async function retry(app: Application, where: Where): Promise<{ count: number }> {
  return inSteps(async (o) => {
    const step = await app.store.retry(where, o);
    app.queue.offer(step.refs);
    return step;
  });
}

async function discard(app: Application, where: Where): Promise<{ count: number }> {
  const error = ownError('FRAGMENT_DELIVERY_DISCARDED_BY_OPERATOR');
  return inSteps((o) => app.store.discard(where, { ...o, error }));
}

async function inSteps(take: (o: StepOptions) => Promise<Step>): Promise<{ count: number }> {
  let count = 0;
  let after: string | undefined;
  do {
    const step = await take({ limit: STEP, ...(after === undefined ? {} : { after }) });
    count += step.count;
    after = step.count < STEP ? undefined : step.last;
  } while (after !== undefined);
  return { count };
}

async function replay(app: Application, where: Where): Promise<{ events: number; jobs: number }> {
  const parts = { ...app, planner: new Planner(app.destinations) };
  let events = 0;
  let jobs = 0;
  let cursor: string | undefined;
  do {
    const page = { limit: REPLAY_PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const step = await replayPage(parts, where, page);
    events += step.events;
    jobs += step.jobs;
    cursor = step.nextCursor;
  } while (cursor !== undefined);
  return { events, jobs };
}

import { FragmentError, type RunRecord, type Source, type Trigger } from '@fragment/core';
import { sourceResource, sourceSummary, triggerResource } from '../resources/application.js';
import { runResource, semaphoreResource } from '../resources/running.js';
import { listAnswer, whole } from './answers.js';
import type { Answer, Endpoint, EndpointContext } from './endpoint.js';
import { pageParameters } from './parameters.js';

/** So many of the newest runs of a trigger are looked through for one that is under way: more never are at once. */
const RECENT_RUNS = 50;

/** Where data comes from, and how its schedules ran. */
export const sourceEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/api/sources',
    role: 'read',
    summary: 'The sources, each with the newest run of its schedules',
    handle: async ({ app, operations }) => {
      const last = await operations.lastRuns();
      return whole(app.sources.map((source) => sourceSummary(source, last)));
    },
  },
  {
    method: 'GET',
    path: '/api/sources/:source_name',
    role: 'read',
    summary: 'One source and its triggers, each schedule with its last run',
    handle: async (c) => ({ data: sourceResource(sourceOf(c), nowOf(c), await c.operations.lastRuns()) }),
  },
  {
    method: 'GET',
    path: '/api/sources/:source_name/triggers/:trigger_name',
    role: 'read',
    summary: 'One trigger, its last run and who runs it at this moment',
    handle: findTrigger,
  },
  {
    method: 'GET',
    path: '/api/sources/:source_name/triggers/:trigger_name/runs',
    role: 'read',
    summary: 'The runs of a schedule, newest first',
    parameters: pageParameters,
    handle: async (c) => {
      const [source, trigger] = triggerOf(c);
      const of = { source: source.name, trigger: trigger.name };
      return listAnswer(await c.operations.findRuns(of, c.query.page), c.query, runResource);
    },
  },
  {
    method: 'POST',
    path: '/api/sources/:source_name/triggers/:trigger_name/run',
    role: 'operate',
    summary: 'Runs a schedule now, unless it runs already',
    body: { type: 'object', additionalProperties: false, properties: {}, required: [] },
    audit: 'trigger.run',
    handle: async (c) => {
      const [source, trigger] = triggerOf(c);
      const run = await c.operations.runTrigger({ source: source.name, trigger: trigger.name });
      return { status: 202, data: runResource(run) };
    },
  },
];

const nowOf = ({ app }: EndpointContext): Date => new Date(app.clock.now());

function sourceOf({ app, param }: EndpointContext): Source {
  const source = app.sources.find(({ name }) => name === param('source_name'));
  if (!source) throw new FragmentError('FRAGMENT_ADMIN_SOURCE_UNKNOWN');
  return source;
}

function triggerOf(c: EndpointContext): [Source, Trigger] {
  const source = sourceOf(c);
  const trigger = source.triggers.find(({ name }) => name === c.param('trigger_name'));
  if (trigger) return [source, trigger];
  throw new FragmentError('FRAGMENT_ADMIN_SOURCE_UNKNOWN', { detail: 'The source has no such trigger.' });
}

async function findTrigger(c: EndpointContext): Promise<Answer> {
  const [source, trigger] = triggerOf(c);
  const isCron = trigger.mode === 'cron';
  const of = { source: source.name, trigger: trigger.name };
  const runs = isCron ? (await c.operations.findRuns(of, { limit: RECENT_RUNS, counted: false })).items : [];
  const semaphore = semaphoreResource(
    `triggers/${source.name}/${trigger.name}`,
    isCron,
    await holderOf(c, runs),
  );
  return { data: { ...triggerResource(trigger, nowOf(c), runs[0]), semaphore } };
}

async function holderOf({ operations }: EndpointContext, runs: readonly RunRecord[]) {
  const run = runs.find(({ state }) => state === 'running');
  if (!run) return undefined;
  return { run, by: (await operations.services()).find(({ id }) => id === run.service) };
}

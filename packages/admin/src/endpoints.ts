import { FragmentError, type Application, type Operations } from '@fragment/core';
import { listAnswer, sliceAnswer, type Answer } from './answers.js';
import { describeApplication } from './describe-application.js';
import { dashboardMissing } from './page.js';
import { filterParameters, pageParameters, type Parameter } from './parameters.js';
import type { AdminQuery } from './query.js';
import {
  actionResource,
  destinationResource,
  destinationSummary,
  eventResource,
  eventSummary,
  jobResource,
  laneResource,
  rejectionResource,
  sourceResource,
  sourceSummary,
  statsResource,
  transitionResource,
  triggerResource,
} from './resources.js';

export interface EndpointContext {
  readonly app: Application;
  readonly operations: Operations;
  readonly basePath: string;
  readonly query: AdminQuery;
  /** The value of a `:name` in the path. */
  readonly param: (name: string) => string;
}

/** One thing that can be asked. The list below is the whole of the admin API. */
export interface Endpoint {
  /** Below the base path; `:name` stands for one segment. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  handle(c: EndpointContext): Promise<Answer> | Answer;
}

const none = {};
const filtered = { ...filterParameters, ...pageParameters };
const { offset, limit } = pageParameters as Record<'offset' | 'limit', Parameter>;
const paged = { offset, limit };
const EVENT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const JOB_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.\d{1,6}$/i;

export const endpoints: readonly Endpoint[] = [
  { path: '', parameters: none, handle: ({ basePath }) => ({ html: dashboardMissing(basePath) }) },
  {
    path: '/api/options',
    parameters: none,
    handle: async ({ app }) => ({ data: await describeApplication(app) }),
  },
  { path: '/api/sources', parameters: none, handle: ({ app }) => whole(app.sources.map(sourceSummary)) },
  {
    path: '/api/sources/:source_name',
    parameters: none,
    handle: (c) => ({ data: sourceResource(sourceOf(c)) }),
  },
  { path: '/api/sources/:source_name/triggers/:trigger_name', parameters: none, handle: findTrigger },
  { path: '/api/destinations', parameters: none, handle: findDestinations },
  { path: '/api/destinations/:destination_name', parameters: none, handle: findDestination },
  { path: '/api/destinations/:destination_name/actions/:action_name', parameters: none, handle: findAction },
  { path: '/api/lanes', parameters: none, handle: findLanes },
  { path: '/api/store/events', parameters: filtered, handle: findEvents },
  { path: '/api/store/events/:event_id', parameters: none, handle: findEvent },
  { path: '/api/store/jobs', parameters: filtered, handle: findJobs },
  { path: '/api/store/jobs/:job_id', parameters: none, handle: findJob },
  { path: '/api/store/jobs/:job_id/transitions', parameters: paged, handle: findTransitions },
  { path: '/api/store/rejections', parameters: pageParameters, handle: findRejections },
  { path: '/api/store/stats', parameters: none, handle: findStats },
];

const whole = (data: readonly unknown[]): Answer => ({ meta: { count: data.length }, data });

async function findEvents({ operations, query }: EndpointContext): Promise<Answer> {
  return listAnswer(await operations.findEvents(query.where, query.page), query, eventSummary);
}

async function findEvent({ operations, param }: EndpointContext): Promise<Answer> {
  const id = param('event_id');
  // What is no id is nobody's id: the store is not asked, and a database cannot choke on it.
  const event = EVENT_ID.test(id) ? await operations.findEvent(id) : undefined;
  if (!event) throw new FragmentError('FRAGMENT_ADMIN_EVENT_UNKNOWN');
  return { data: eventResource(event) };
}

async function findJobs({ operations, query }: EndpointContext): Promise<Answer> {
  return listAnswer(await operations.findJobs(query.where, query.page), query, (job) => jobResource(job));
}

async function findJob({ operations, param }: EndpointContext): Promise<Answer> {
  const job = await jobOf(operations, param('job_id'));
  return { data: jobResource(job, await operations.findTransitions(job.id)) };
}

async function findTransitions({ operations, param, query }: EndpointContext): Promise<Answer> {
  const job = await jobOf(operations, param('job_id'));
  const where = { jobs: { transitions: { 'job.id': job.id } } };
  return sliceAnswer(await operations.findTransitions(job.id), query, transitionResource, where);
}

async function jobOf(operations: Operations, id: string) {
  const job = JOB_ID.test(id) ? await operations.findJob(id) : undefined;
  if (!job) throw new FragmentError('FRAGMENT_ADMIN_JOB_UNKNOWN');
  return job;
}

async function findRejections({ operations, query }: EndpointContext): Promise<Answer> {
  return listAnswer(await operations.findRejections(query.page), query, rejectionResource);
}

async function findStats({ operations }: EndpointContext): Promise<Answer> {
  return { data: statsResource(await operations.stats()) };
}

async function findLanes({ operations }: EndpointContext): Promise<Answer> {
  return whole((await operations.lanes()).map(laneResource));
}

function sourceOf({ app, param }: EndpointContext) {
  const source = app.sources.find(({ name }) => name === param('source_name'));
  if (!source) throw new FragmentError('FRAGMENT_ADMIN_SOURCE_UNKNOWN');
  return source;
}

function findTrigger(c: EndpointContext): Answer {
  const trigger = sourceOf(c).triggers.find(({ name }) => name === c.param('trigger_name'));
  if (!trigger)
    throw new FragmentError('FRAGMENT_ADMIN_SOURCE_UNKNOWN', { detail: 'The source has no such trigger.' });
  return { data: triggerResource(trigger) };
}

async function findDestinations({ app, operations }: EndpointContext): Promise<Answer> {
  const lanes = await operations.lanes();
  return whole(app.destinations.map((destination) => destinationSummary(destination, lanes)));
}

async function findDestination(c: EndpointContext): Promise<Answer> {
  return { data: destinationResource(destinationOf(c), await c.operations.lanes()) };
}

function findAction(c: EndpointContext): Answer {
  const action = destinationOf(c).actions.find(({ name }) => name === c.param('action_name'));
  if (!action) {
    throw new FragmentError('FRAGMENT_ADMIN_DESTINATION_UNKNOWN', {
      detail: 'The destination has no such action.',
    });
  }
  return { data: actionResource(action) };
}

function destinationOf({ app, param }: EndpointContext) {
  const destination = app.destinations.find(({ name }) => name === param('destination_name'));
  if (!destination) throw new FragmentError('FRAGMENT_ADMIN_DESTINATION_UNKNOWN');
  return destination;
}

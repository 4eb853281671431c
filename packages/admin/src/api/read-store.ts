import { FragmentError, type EventRecord, type JobRecord, type Operations } from '@fragment/core';
import { laneResource, statsResource } from '../resources/application.js';
import {
  eventResource,
  eventSummary,
  jobDetail,
  jobResource,
  rejectionResource,
  transitionResource,
} from '../resources/records.js';
import { listAnswer, sliceAnswer, whole } from './answers.js';
import type { Endpoint, EndpointContext } from './endpoint.js';
import { filterParameters, offsetParameters, pageParameters } from './parameters.js';

const EVENT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const JOB_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.\d{1,6}$/i;
const filtered = { ...filterParameters, ...pageParameters };

/** Events, jobs and what became of them. */
export const storeEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/api/store/events',
    role: 'read',
    summary: 'Events, newest first, without what they carry',
    parameters: filtered,
    handle: async ({ operations, query }) =>
      listAnswer(await operations.findEvents(query.where, query.page), query, eventSummary),
  },
  {
    method: 'GET',
    path: '/api/store/events/:event_id',
    role: 'read',
    summary: 'One event with everything it carries, and its jobs',
    handle: async (c) => ({ data: eventResource(await eventOf(c)) }),
  },
  {
    method: 'GET',
    path: '/api/store/jobs',
    role: 'read',
    summary: 'Jobs, newest first',
    parameters: filtered,
    handle: async ({ operations, query }) =>
      listAnswer(await operations.findJobs(query.where, query.page), query, (job) => jobResource(job)),
  },
  {
    method: 'GET',
    path: '/api/store/jobs/:job_id',
    role: 'read',
    summary: 'One job, with the context of its event and what went over the wire last',
    handle: async (c) => {
      const job = await jobOf(c);
      const [history, event] = await Promise.all([
        c.operations.findTransitions(job.id),
        c.operations.findEvent(job.eventId),
      ]);
      return { data: jobDetail(job, history, event) };
    },
  },
  {
    method: 'GET',
    path: '/api/store/jobs/:job_id/transitions',
    role: 'read',
    summary:
      'Every change of the status of a job, oldest first, with what went over the wire where it was kept',
    parameters: offsetParameters,
    handle: async (c) => {
      const { id } = await jobOf(c);
      const where = { jobs: { transitions: { 'job.id': id } } };
      return sliceAnswer(await c.operations.findTransitions(id), c.query, transitionResource, where);
    },
  },
  {
    method: 'GET',
    path: '/api/store/rejections',
    role: 'read',
    summary: 'What was refused, newest first',
    parameters: pageParameters,
    handle: async ({ operations, query }) =>
      listAnswer(await operations.findRejections(query.page), query, rejectionResource),
  },
  {
    method: 'GET',
    path: '/api/store/stats',
    role: 'read',
    summary: 'How many events and jobs there are',
    handle: async ({ operations }) => ({ data: statsResource(await operations.stats()) }),
  },
  {
    method: 'GET',
    path: '/api/lanes',
    role: 'read',
    summary: 'Lanes that something has closed at some time',
    handle: async ({ operations }) => whole((await operations.lanes()).map(laneResource)),
  },
];

/** @throws {FragmentError} FRAGMENT_ADMIN_EVENT_UNKNOWN */
export async function eventOf({ operations, param }: EndpointContext): Promise<EventRecord> {
  const id = param('event_id');
  // What is no id is nobody's id: the store is not asked, and a database cannot choke on it.
  const event = EVENT_ID.test(id) ? await operations.findEvent(id) : undefined;
  if (!event) throw new FragmentError('FRAGMENT_ADMIN_EVENT_UNKNOWN');
  return event;
}

/** @throws {FragmentError} FRAGMENT_ADMIN_JOB_UNKNOWN */
export async function jobOf({
  operations,
  param,
}: Pick<EndpointContext, 'param'> & { operations: Operations }): Promise<JobRecord> {
  const id = param('job_id');
  const job = JOB_ID.test(id) ? await operations.findJob(id) : undefined;
  if (!job) throw new FragmentError('FRAGMENT_ADMIN_JOB_UNKNOWN');
  return job;
}

import { FragmentError, type Destination, type Source } from '@fragment/core';
import {
  actionResource,
  destinationResource,
  destinationSummary,
  semaphoreResource,
  sourceResource,
  sourceSummary,
  triggerResource,
} from '../resources/application.js';
import { whole } from './answers.js';
import { describeApplication } from './describe-application.js';
import type { Answer, Endpoint, EndpointContext } from './endpoint.js';

/** What the application is made of. */
export const applicationEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/api/options',
    role: 'read',
    summary: 'What the application is made of',
    handle: async ({ app }) => ({ data: await describeApplication(app) }),
  },
  {
    method: 'GET',
    path: '/api/settings',
    role: 'read',
    summary: 'Settings and where they come from, secrets masked',
    handle: ({ settings }) => whole(settings()),
  },
  {
    method: 'GET',
    path: '/api/sources',
    role: 'read',
    summary: 'The sources',
    handle: ({ app }) => whole(app.sources.map(sourceSummary)),
  },
  {
    method: 'GET',
    path: '/api/sources/:source_name',
    role: 'read',
    summary: 'One source and its triggers',
    handle: (c) => ({ data: sourceResource(sourceOf(c), new Date(c.app.clock.now())) }),
  },
  {
    method: 'GET',
    path: '/api/sources/:source_name/triggers/:trigger_name',
    role: 'read',
    summary: 'One trigger',
    handle: findTrigger,
  },
  {
    method: 'GET',
    path: '/api/destinations',
    role: 'read',
    summary: 'The destinations and their lanes',
    handle: async ({ app, operations }) => {
      const lanes = await operations.lanes();
      return whole(app.destinations.map((destination) => destinationSummary(destination, lanes)));
    },
  },
  {
    method: 'GET',
    path: '/api/destinations/:destination_name',
    role: 'read',
    summary: 'One destination, its actions and its lane',
    handle: async (c) => ({ data: destinationResource(destinationOf(c), await c.operations.lanes()) }),
  },
  {
    method: 'GET',
    path: '/api/destinations/:destination_name/actions/:action_name',
    role: 'read',
    summary: 'One action',
    handle: findAction,
  },
];

function sourceOf({ app, param }: EndpointContext): Source {
  const source = app.sources.find(({ name }) => name === param('source_name'));
  if (!source) throw new FragmentError('FRAGMENT_ADMIN_SOURCE_UNKNOWN');
  return source;
}

function findTrigger(c: EndpointContext): Answer {
  const source = sourceOf(c);
  const trigger = source.triggers.find(({ name }) => name === c.param('trigger_name'));
  if (!trigger)
    throw new FragmentError('FRAGMENT_ADMIN_SOURCE_UNKNOWN', { detail: 'The source has no such trigger.' });
  const semaphore = semaphoreResource(`triggers/${source.name}/${trigger.name}`, trigger.mode === 'cron');
  return { data: { ...triggerResource(trigger, new Date(c.app.clock.now())), semaphore } };
}

/** @throws {FragmentError} FRAGMENT_ADMIN_DESTINATION_UNKNOWN for a name in the path that is nobody's. */
export function destinationOf({ app, param }: EndpointContext): Destination {
  const destination = app.destinations.find(({ name }) => name === param('destination_name'));
  if (!destination) throw new FragmentError('FRAGMENT_ADMIN_DESTINATION_UNKNOWN');
  return destination;
}

function findAction(c: EndpointContext): Answer {
  const destination = destinationOf(c);
  const action = destination.actions.find(({ name }) => name === c.param('action_name'));
  if (!action) {
    throw new FragmentError('FRAGMENT_ADMIN_DESTINATION_UNKNOWN', {
      detail: 'The destination has no such action.',
    });
  }
  const semaphore = semaphoreResource(`actions/${destination.name}/${action.name}`, false);
  return { data: { ...actionResource(action), semaphore } };
}

import { FragmentError, type Destination } from '@fragment/core';
import { actionResource, destinationResource, destinationSummary } from '../resources/application.js';
import { semaphoreResource, serviceResource } from '../resources/running.js';
import { whole } from './answers.js';
import { describeApplication } from './describe-application.js';
import type { Answer, Endpoint, EndpointContext } from './endpoint.js';
import { sourceEndpoints } from './sources.js';

/** What the application is made of. */
export const applicationEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/api/options',
    role: 'read',
    summary: 'What the application is made of',
    handle: async ({ app, operations }) => ({ data: await describeApplication(app, operations) }),
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
    path: '/api/services',
    role: 'read',
    summary: 'The gateways and schedulers that run, and those that went without a word',
    handle: async ({ operations }) => whole((await operations.services()).map(serviceResource)),
  },
  ...sourceEndpoints,
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

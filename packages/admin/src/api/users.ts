import { FragmentError } from '@fragment/core';
import { receiptResource, userResource } from '../resources/oversight.js';
import { listAnswer } from './answers.js';
import type { Endpoint } from './endpoint.js';
import { pageParameters } from './parameters.js';

/** What is known of one user, and how it is forgotten. */
export const userEndpoints: readonly Endpoint[] = [
  {
    method: 'GET',
    path: '/api/users/:user_id',
    role: 'read',
    summary: 'A user by user id or anonymous id',
    handle: async ({ operations, param }) => {
      const user = await operations.findUser(param('user_id'));
      if (!user) throw new FragmentError('FRAGMENT_ADMIN_USER_UNKNOWN');
      return { data: userResource(user) };
    },
  },
  {
    method: 'POST',
    path: '/api/users/:user_id/erase',
    role: 'admin',
    summary: 'Deletes everything of one user from the store, and keeps a receipt',
    body: {
      type: 'object',
      additionalProperties: false,
      properties: { confirm: { type: 'string' } },
      required: ['confirm'],
    },
    audit: 'user.erase',
    // An audit that named whom it has forgotten would not have forgotten.
    unnamed: true,
    handle: async ({ operations, param, body, identity }) => {
      const id = param('user_id');
      if (body['confirm'] !== id) {
        const validations = [{ message: 'confirm must repeat the id', path: ['confirm'], field: 'confirm' }];
        throw new FragmentError('FRAGMENT_ADMIN_BODY_INVALID', { validations });
      }
      const receipt = await operations.erase(id, { actor: identity.actor });
      return {
        data: receiptResource(receipt),
        noted: { target: `receipt ${receipt.id}`, count: receipt.events },
      };
    },
  },
  {
    method: 'GET',
    path: '/api/erasures',
    role: 'read',
    summary: 'The receipts of erasures, newest first',
    parameters: pageParameters,
    handle: async ({ operations, query }) =>
      listAnswer(await operations.findErasures(query.page), query, receiptResource),
  },
];

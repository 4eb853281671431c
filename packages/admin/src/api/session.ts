import { FragmentError } from '@fragment/core';
import { checkOrigin, type Caller } from '../access/access.js';
import type { Answer, Endpoint, EndpointContext } from './endpoint.js';
import { Attempts } from '../access/attempts.js';

/** The login of the page. */
export function sessionEndpoints(): readonly Endpoint[] {
  const attempts = new Attempts();
  return [
    {
      method: 'GET',
      path: '/api/session',
      role: 'open',
      summary: 'Who is logged in, and how one logs in here',
      handle: ({ access, caller }) => ({ data: sessionResource(access.login, caller) }),
    },
    {
      method: 'POST',
      path: '/api/session',
      role: 'open',
      summary: 'Logs a browser in with a token',
      body: {
        type: 'object',
        additionalProperties: false,
        properties: { token: { type: 'string', maxLength: 1_000 } },
        required: ['token'],
      },
      handle: (c) => logIn(c, attempts),
    },
    {
      method: 'DELETE',
      path: '/api/session',
      role: 'open',
      summary: 'Logs a browser out',
      handle: ({ access, caller, req }) => {
        checkOrigin(req, caller);
        return { data: null, headers: { 'set-cookie': access.sessions.close(req) } };
      },
    },
  ];
}

function logIn({ access, app, body, req }: EndpointContext, attempts: Attempts): Answer {
  checkOrigin(req, { by: 'nobody' });
  attempts.take(app.clock.now());
  const identity = access.login === 'token' ? access.identityOfToken(body['token'] as string) : undefined;
  if (!identity) throw new FragmentError('FRAGMENT_ADMIN_UNAUTHORIZED');
  attempts.giveBack();
  return {
    data: { authenticated: true, actor: identity.actor, role: identity.role },
    headers: { 'set-cookie': access.sessions.open(identity, req) },
  };
}

const sessionResource = (login: string, { identity, csrf }: Caller) => ({
  authenticated: identity !== undefined,
  actor: identity?.actor ?? null,
  role: identity?.role ?? null,
  login,
  csrf: csrf ?? null,
});

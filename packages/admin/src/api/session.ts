import { FragmentError } from '@fragment/core';
import { checkOrigin, type Caller } from '../access/access.js';
import { Attempts } from '../access/attempts.js';
import type { Answer, Endpoint, EndpointContext } from './endpoint.js';

const RETRY_AFTER_SECONDS = 3;

/** What failed logins may use up, whoever tries: answers, and rows of the audit, which must not be buried by them. */
interface Limits {
  readonly tries: Attempts;
  readonly notes: Attempts;
}

/** The login of the page. */
export function sessionEndpoints(): readonly Endpoint[] {
  const limits: Limits = {
    tries: new Attempts({ burst: 20, refillMs: RETRY_AFTER_SECONDS * 1_000 }),
    notes: new Attempts({ burst: 20, refillMs: 60_000 }),
  };
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
      handle: (c) => logIn(c, limits),
    },
    {
      method: 'DELETE',
      path: '/api/session',
      role: 'open',
      summary: 'Logs a browser out',
      handle: logOut,
    },
  ];
}

async function logIn({ access, app, operations, body, req }: EndpointContext, o: Limits): Promise<Answer> {
  checkOrigin(req, { by: 'nobody' });
  const now = app.clock.now();
  if (!o.tries.take(now))
    throw new FragmentError('FRAGMENT_ADMIN_BUSY', { retryAfterSeconds: RETRY_AFTER_SECONDS });
  const identity = access.login === 'token' ? access.identityOfToken(body['token'] as string) : undefined;
  if (!identity) {
    const error = new FragmentError('FRAGMENT_ADMIN_UNAUTHORIZED');
    if (o.notes.take(now))
      await operations.note({ actor: 'nobody', action: 'session.open', outcome: error.code });
    throw error;
  }
  o.tries.giveBack();
  const { actor, role } = identity;
  await operations.note({ actor, action: 'session.open', target: role, outcome: 'ok' });
  return {
    data: { authenticated: true, actor, role },
    headers: { 'set-cookie': access.sessions.open(identity, req) },
  };
}

async function logOut({ access, caller, operations, req }: EndpointContext): Promise<Answer> {
  checkOrigin(req, caller);
  const { identity, by } = caller;
  if (identity && by === 'session') {
    const { actor, role } = identity;
    await operations.note({ actor, action: 'session.close', target: role, outcome: 'ok' });
  }
  return { data: null, headers: { 'set-cookie': access.sessions.close(req) } };
}

const sessionResource = (login: string, { identity, csrf }: Caller) => ({
  authenticated: identity !== undefined,
  actor: identity?.actor ?? null,
  role: identity?.role ?? null,
  login,
  csrf: csrf ?? null,
});

import type { IncomingMessage } from 'node:http';
import { FragmentError, type Clock } from '@fragment/core';
import { hostOf, isLocal } from './loopback.js';
import { mayAct, type AdminToken, type HostLogin, type Identity, type Role } from './roles.js';
import { equal, Sessions } from './sessions.js';
import { tokenIdentity } from './tokens.js';

export interface AccessRules {
  readonly tokens: readonly AdminToken[];
  /** true: the host has asked for a login before the request gets here, and everybody who gets here may do anything. */
  readonly hostLogin: boolean | HostLogin;
  /** Names that may stand in Host; undefined: any. */
  readonly hosts: readonly string[] | undefined;
  readonly basePath: string;
}

/** Who asks, and how that is known. */
export interface Caller {
  readonly identity: Identity | undefined;
  /** `bearer`: the request itself proves it. Anything else a browser may have added without its user's knowing. */
  readonly by: 'bearer' | 'session' | 'host' | 'local' | 'nobody';
  readonly csrf?: string;
}

const NOBODY: Caller = { identity: undefined, by: 'nobody' };

/** How this page wants people to log in. */
export type LoginKind = 'none' | 'token' | 'host';

export class Access {
  readonly login: LoginKind;
  readonly sessions: Sessions;
  readonly identityOfToken: (token: string) => Identity | undefined;
  /** Tokens that were nobody's. */
  failures = 0;
  readonly #rules: AccessRules;

  constructor(rules: AccessRules, clock: Clock) {
    this.#rules = rules;
    this.login = rules.tokens.length > 0 ? 'token' : rules.hostLogin === false ? 'none' : 'host';
    this.sessions = new Sessions(rules.tokens, clock, rules.basePath);
    const identityOf = tokenIdentity(rules.tokens);
    this.identityOfToken = (token) => {
      const identity = identityOf(token);
      if (!identity) this.failures += 1;
      return identity;
    };
  }

  /** @throws {FragmentError} FRAGMENT_ADMIN_HOST_REFUSED for a request that was not meant for us. */
  checkHost(req: IncomingMessage): void {
    const { hosts } = this.#rules;
    const foreign = hosts !== undefined && !hosts.includes(hostOf(req));
    if (foreign || (this.login === 'none' && !isLocal(req)))
      throw new FragmentError('FRAGMENT_ADMIN_HOST_REFUSED');
  }

  async callerOf(req: IncomingMessage): Promise<Caller> {
    if (this.login === 'none') return { identity: { actor: 'local', role: 'admin' }, by: 'local' };
    const [, bearer] = /^Bearer +(.+)$/i.exec(req.headers.authorization ?? '') ?? [];
    if (bearer !== undefined && this.login === 'token') {
      const identity = this.identityOfToken(bearer);
      return identity ? { identity, by: 'bearer' } : NOBODY;
    }
    if (this.login === 'token') {
      const session = this.sessions.of(req);
      return session ? { identity: session.identity, by: 'session', csrf: session.csrf } : NOBODY;
    }
    const { hostLogin } = this.#rules;
    const identity =
      typeof hostLogin === 'function' ? await hostLogin(req) : ({ actor: 'host', role: 'admin' } as const);
    return identity ? { identity, by: 'host' } : NOBODY;
  }

  /**
   * @throws {FragmentError} FRAGMENT_ADMIN_UNAUTHORIZED for nobody, FRAGMENT_ADMIN_FORBIDDEN for somebody who may not,
   *   FRAGMENT_ADMIN_ORIGIN_REFUSED for a write that another site's page has caused.
   */
  allow(req: IncomingMessage, caller: Caller, needed: Role): Identity {
    const { identity } = caller;
    if (!identity) throw new FragmentError('FRAGMENT_ADMIN_UNAUTHORIZED');
    if (isWrite(req)) checkOrigin(req, caller);
    if (mayAct(identity.role, needed)) return identity;
    throw new FragmentError('FRAGMENT_ADMIN_FORBIDDEN', {
      detail: `It needs the role ${needed}; ${identity.actor} has ${identity.role}.`,
    });
  }
}

const isWrite = ({ method }: IncomingMessage): boolean => method !== 'GET' && method !== 'HEAD';

/**
 * A browser sends cookies, and whatever the host's login goes by, with requests that other sites' pages make. It also
 * says where they come from. A program that is no browser says nothing of the kind.
 */
export function checkOrigin(req: IncomingMessage, { by, csrf }: Pick<Caller, 'by' | 'csrf'>): void {
  if (by === 'bearer') return;
  const { origin, host, 'sec-fetch-site': site, 'x-fragment-csrf': sent } = req.headers;
  const foreignSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  const foreignOrigin = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
  const unsigned = csrf !== undefined && (typeof sent !== 'string' || !equal(sent, csrf));
  if (foreignSite || foreignOrigin || unsigned) throw new FragmentError('FRAGMENT_ADMIN_ORIGIN_REFUSED');
}

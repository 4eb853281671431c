import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '@fragment/core';
import { ROLES, type AdminToken, type Identity } from './roles.js';

const COOKIE = 'fragment_session';
const LIFE_MS = 12 * 3_600_000;

/** A login of a browser. */
export interface Session {
  readonly identity: Identity;
  /** What the page sends along with every write: another site cannot know it. */
  readonly csrf: string;
}

interface Claims extends Identity {
  readonly until: number;
}

/**
 * Sessions that nobody has to keep: the cookie says who it is and is signed with the tokens themselves, so every
 * process with the same tokens knows it, and none does any more when a token changes.
 */
export class Sessions {
  readonly #key: Buffer;
  readonly #clock: Clock;
  readonly #path: string;

  constructor(tokens: readonly AdminToken[], clock: Clock, path: string) {
    const material = tokens.map(({ name, role, token }) => JSON.stringify([name, role, token]));
    this.#key = createHash('sha256')
      .update(`fragment sessions\n${material.join('\n')}`)
      .digest();
    this.#clock = clock;
    this.#path = path;
  }

  /** The value of `Set-Cookie` for a new login. */
  open(identity: Identity, req: IncomingMessage): string {
    const claims: Claims = { ...identity, until: this.#clock.now() + LIFE_MS };
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return this.#cookie(`${body}.${this.#sign('session', body)}`, LIFE_MS / 1_000, req);
  }

  /** The value of `Set-Cookie` that ends it. */
  close(req: IncomingMessage): string {
    return this.#cookie('', 0, req);
  }

  /** The session of a request; undefined without one, or when it is over. */
  of(req: IncomingMessage): Session | undefined {
    const value = cookieOf(req);
    const [body, signature] = value?.split('.') ?? [];
    if (!body || !signature || !equal(signature, this.#sign('session', body))) return undefined;
    const { actor, role, until } = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims;
    if (until <= this.#clock.now() || !ROLES.includes(role)) return undefined;
    return { identity: { actor, role }, csrf: this.#sign('csrf', body) };
  }

  #sign(purpose: string, body: string): string {
    return createHmac('sha256', this.#key).update(`${purpose}\n${body}`).digest('base64url');
  }

  #cookie(value: string, seconds: number, req: IncomingMessage): string {
    const secure = isSecure(req) ? '; Secure' : '';
    return `${COOKIE}=${value}; Path=${this.#path}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
  }
}

/** In a time that tells nothing of where they differ. What was given may hold characters of several bytes. */
export function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function cookieOf(req: IncomingMessage): string | undefined {
  const pairs = (req.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
}

/** A browser drops a Secure cookie that came over plain http, and keeps any that came over https. */
function isSecure(req: IncomingMessage): boolean {
  return 'encrypted' in req.socket || req.headers['x-forwarded-proto'] === 'https';
}

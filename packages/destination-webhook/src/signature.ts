import { createHmac, timingSafeEqual } from 'node:crypto';
import { FragmentError } from '@fragment/core';

/** What is signed, by the Standard Webhooks specification 1.0.0 (standardwebhooks.com). */
interface Signed {
  /** Must hold no full stop, as these part the three. */
  readonly id: string;
  /** Seconds since the Unix epoch. */
  readonly timestamp: number | string;
  readonly body: string | Uint8Array;
}

/** The value of `webhook-signature`: one signature per key, so that a receiver may know either of two. */
export function sign(signed: Signed, keys: readonly Buffer[]): string {
  return keys.map((key) => `v1,${hmac(signed, key).toString('base64')}`).join(' ');
}

function hmac({ id, timestamp, body }: Signed, key: Buffer): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}

export const SECRET_FORM = 'must be whsec_ and the base64 of 24 to 64 random bytes';

/** The bytes of a `whsec_` secret; undefined when it is none. */
export function keyOf(secret: unknown): Buffer | undefined {
  const text =
    typeof secret === 'string' ? /^whsec_([A-Za-z0-9+/]{32,86}={0,2})$/.exec(secret)?.[1] : undefined;
  const key = Buffer.from(text ?? '', 'base64');
  return key.length >= 24 && key.length <= 64 ? key : undefined;
}

export function secretsOf(secret: string | readonly string[] | undefined): readonly string[] {
  return typeof secret === 'string' ? [secret] : (secret ?? []);
}

/** A request as a receiver has it. */
export interface ReceivedWebhook {
  /** The `whsec_` secret that both sides know; two while it is changed. */
  readonly secret: string | readonly string[];
  /** Names in lower case, as Node has them; of a fetch request `Object.fromEntries(request.headers)`. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The bytes as they came. JSON that was parsed and written again is signed differently. */
  readonly body: string | Uint8Array;
  /** How far the time of sending may be from now, either way, in milliseconds. Default 300,000. */
  readonly toleranceMs?: number;
  /** Milliseconds since the Unix epoch. Default the time of this machine. */
  readonly now?: number;
  /** Ids that were handled before, for instance a Set. The caller adds to it what it has handled. Default none. */
  readonly seen?: { has(id: string): boolean };
}

/**
 * Why a request is not to be believed; `replayed`: it is genuine and was handled before, so answer it with 2xx, or it is
 * sent again.
 */
export type Verification =
  | { readonly valid: true; readonly id: string; readonly sentAt: Date }
  | {
      readonly valid: false;
      readonly reason: 'unsigned' | 'altered' | 'too old' | 'too new' | 'replayed';
    };

/**
 * Says whether a request comes from who knows the secret, unaltered and lately. Takes the same time whatever signature it
 * is given. Any library of Standard Webhooks does as well.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID when the secret is none.
 */
export function verifySignature(received: ReceivedWebhook): Verification {
  const { toleranceMs = 300_000, now = Date.now() } = received;
  const keys = keysOf(received.secret);
  const id = headerOf(received, 'webhook-id');
  const timestamp = headerOf(received, 'webhook-timestamp');
  const signatures = headerOf(received, 'webhook-signature');
  if (id === '' || signatures === '' || !/^\d{1,12}$/.test(timestamp))
    return { valid: false, reason: 'unsigned' };

  const expected = keys.map((key) => hmac({ id, timestamp, body: received.body }, key));
  if (!holdsOneOf(expected, signatures)) return { valid: false, reason: 'altered' };
  const sentAt = Number(timestamp) * 1000;
  if (sentAt < now - toleranceMs) return { valid: false, reason: 'too old' };
  if (sentAt > now + toleranceMs) return { valid: false, reason: 'too new' };
  if (received.seen?.has(id) === true) return { valid: false, reason: 'replayed' };
  return { valid: true, id, sentAt: new Date(sentAt) };
}

function keysOf(secret: string | readonly string[]): readonly Buffer[] {
  const keys = secretsOf(secret).map(keyOf);
  const known = keys.filter((key) => key !== undefined);
  if (known.length > 0 && known.length === keys.length) return known;
  throw new FragmentError('FRAGMENT_CONFIG_INVALID', {
    validations: [{ message: `secret ${SECRET_FORM}`, path: ['secret'] }],
  });
}

function headerOf({ headers }: ReceivedWebhook, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}

/** Compares each with each to the end: the time must not tell which one was nearly right. */
function holdsOneOf(expected: readonly Buffer[], header: string): boolean {
  const given = header
    .split(' ')
    .filter((one) => one.startsWith('v1,'))
    .map((one) => Buffer.from(one.slice(3), 'base64'));
  return given
    .flatMap((one) => expected.map((key) => one.length === key.length && timingSafeEqual(one, key)))
    .includes(true);
}

import { createHmac } from 'node:crypto';
import { startFakeVendor, type FakeAnswer, type FakeRequest, type FakeVendor } from './fake-vendor.js';

/** A receiver of Standard Webhooks, as strict as the specification lets it be. */
export interface FakeWebhook extends FakeVendor {
  /** Bodies that were taken, each `webhook-id` once. */
  readonly accepted: readonly unknown[];
  /** Ids that came again, and were answered 200 and not taken. */
  readonly duplicates: readonly string[];
}

export interface FakeWebhookOptions {
  /** A `whsec_` secret. Default: signatures are not looked at. */
  readonly secret?: string;
  /** Any other is answered 404. Default `/hook`. */
  readonly path?: string;
}

const TOLERANCE_S = 300;

export async function startFakeWebhook(o: FakeWebhookOptions = {}): Promise<FakeWebhook> {
  let { secret } = o;
  const accepted: unknown[] = [];
  const duplicates: string[] = [];
  const seen = new Set<string>();

  const vendor = await startFakeVendor((request) => {
    const refused = refusal(request, o.path ?? '/hook') ?? mistrust(request, secret);
    if (refused) return refused;
    const id = headerOf(request, 'id');
    if (seen.has(id)) duplicates.push(id);
    else accepted.push(request.body);
    seen.add(id);
    return { status: 200 };
  });
  return { ...vendor, accepted, duplicates, setKey: (next) => void (secret = next) };
}

function refusal(request: FakeRequest, path: string): FakeAnswer | undefined {
  if (request.path !== path) return { status: 404 };
  if (!['POST', 'PUT', 'PATCH'].includes(request.method)) return { status: 405 };
  if (!(request.headers['content-type'] ?? '').startsWith('application/json')) return { status: 415 };
  if (request.body === undefined) return { status: 400, body: 'no JSON' };
  // A full stop parts what is signed, and nothing else may move it.
  if (!/^[\w-]{1,100}$/.test(headerOf(request, 'id'))) return { status: 400, body: 'no webhook-id' };
  return undefined;
}

/** The specification's "Signature scheme", and its times within five minutes. */
function mistrust(request: FakeRequest, secret: string | undefined): FakeAnswer | undefined {
  const timestamp = headerOf(request, 'timestamp');
  const age = Math.abs(Date.now() / 1000 - Number(timestamp));
  if (!/^\d+$/.test(timestamp) || age > TOLERANCE_S) return { status: 401, body: 'not of now' };
  if (secret === undefined) return undefined;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signed = `${headerOf(request, 'id')}.${timestamp}.${request.text}`;
  const expected = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  const given = headerOf(request, 'signature').split(' ');
  return given.includes(expected) ? undefined : { status: 401, body: 'wrong signature' };
}

function headerOf(request: FakeRequest, name: string): string {
  const value = request.headers[`webhook-${name}`];
  return typeof value === 'string' ? value : '';
}

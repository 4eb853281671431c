import { validateHeaderName, validateHeaderValue } from 'node:http';
import {
  batchWaitFault,
  FragmentError,
  type BatchLimits,
  type JsonValue,
  type Schedule,
  type Validation,
} from '@fragment/core';
import { allowFault } from '@fragment/http-client';
import { isMessageType, MESSAGE_TYPES, type MessageType } from '@fragment/segment-spec';
import { keyOf, SECRET_FORM, secretsOf } from './signature.js';
import { compileTemplate, type Template } from './template.js';

export interface WebhookOptions {
  /** Where events are sent. https; what follows the host is masked wherever it is shown, as it often holds a key. */
  readonly url: string;
  /** The destination's identity and its switch in a message's `integrations`. Default `webhook`. */
  readonly name?: string;
  /** Default `POST`. */
  readonly method?: 'POST' | 'PUT' | 'PATCH';
  /**
   * Signs each request: `whsec_` and the base64 of 24 to 64 random bytes. Two while a receiver changes from one to the
   * other. Default: not signed.
   */
  readonly secret?: string | readonly string[];
  /** Sent with every request. Their values are masked like secrets. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is sent for each message: JSON whose texts name its fields, such as `{{properties.total}}`. Default all of it. */
  readonly body?: JsonValue;
  /** The message types that are sent. Default all six. */
  readonly types?: readonly MessageType[];
  /** For one request, in milliseconds. Default 15,000, at most 30,000. */
  readonly timeoutMs?: number;
  /** Private networks, addresses and host names that it may reach: `10.0.0.0/8`, `internal.example.com`. Default none. */
  readonly allow?: readonly string[];
  /** Takes a `url` with http://. Default false. */
  readonly allowHttp?: boolean;
  /** Sends lists of messages instead of single ones. */
  readonly batch?: BatchLimits;
  /** When failed jobs are tried again. Default exponential backoff for 72 h. */
  readonly schedule?: Partial<Schedule>;
}

/** Options with their defaults, checked. */
export interface WebhookSettings {
  readonly name: string;
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly origin: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of the secrets. */
  readonly keys: readonly Buffer[];
  /** Texts that nothing may show. */
  readonly masked: readonly string[];
  readonly template: Template;
  readonly types: readonly MessageType[];
  readonly timeoutMs: number;
  readonly batch: BatchLimits | undefined;
}

const OURS =
  /^(webhook-(id|timestamp|signature)|host|connection|content-length|transfer-encoding|expect|upgrade)$/i;
/** Say nothing about who sends. */
const HARMLESS = /^(content-type|accept|user-agent)$/i;

/** @throws {FragmentError} FRAGMENT_CONFIG_INVALID with everything that is wrong. */
export function readOptions(o: WebhookOptions): WebhookSettings {
  const validations: Validation[] = [];
  const fault = (path: readonly string[], problem: string | undefined) => {
    if (problem !== undefined) validations.push({ message: `${path.join('.')} ${problem}`, path });
  };
  const template = compileTemplate(o.body ?? '{{.}}', (path, problem) => fault(['body', ...path], problem));
  checkFields(o, fault);
  if (validations.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations });

  const url = new URL(o.url);
  const secrets = secretsOf(o.secret);
  const target = url.pathname + url.search;
  const hidden = Object.entries(o.headers ?? {}).filter(([name]) => !HARMLESS.test(name));
  return {
    name: o.name ?? 'webhook',
    method: o.method ?? 'POST',
    origin: url.origin,
    target,
    headers: { 'content-type': 'application/json', ...o.headers },
    keys: secrets.map(keyOf).filter((key) => key !== undefined),
    masked: [
      ...secrets.flatMap((secret) => [secret, secret.replace('whsec_', '')]),
      ...hidden.map(([, value]) => value),
      ...(target === '/' ? [] : [target]),
      ...url.searchParams.values(),
    ],
    template,
    types: o.types ?? MESSAGE_TYPES,
    timeoutMs: o.timeoutMs ?? 15_000,
    batch: o.batch,
  };
}

type Fault = (path: readonly string[], problem: string | undefined) => void;

function checkFields(o: WebhookOptions, fault: Fault): void {
  const { name = 'webhook', method = 'POST', types = MESSAGE_TYPES } = o;
  fault(['url'], urlFault(o.url, o.allowHttp === true));
  fault(['name'], name.trim() === '' ? 'must be a name' : undefined);
  fault(['method'], ['POST', 'PUT', 'PATCH'].includes(method) ? undefined : 'must be POST, PUT or PATCH');
  const wrong = secretsOf(o.secret).some((secret) => keyOf(secret) === undefined);
  fault(['secret'], wrong ? SECRET_FORM : undefined);
  for (const [header, value] of Object.entries(o.headers ?? {}))
    fault(['headers', header], headerFault(header, value));
  const known = types.length > 0 && types.every(isMessageType);
  fault(['types'], known ? undefined : `must name some of ${MESSAGE_TYPES.join(', ')}`);
  for (const [at, entry] of (o.allow ?? []).entries()) fault(['allow', String(at)], allowFault(entry));
  checkNumbers(o, fault);
}

function checkNumbers({ timeoutMs, batch }: WebhookOptions, fault: Fault): void {
  const within = (path: readonly string[], value: number | undefined, most: number) => {
    const right = value === undefined || (Number.isInteger(value) && value >= 1 && value <= most);
    fault(path, right ? undefined : `must be a whole number from 1 to ${most}`);
  };
  within(['timeoutMs'], timeoutMs, 30_000);
  if (batch) within(['batch', 'maxJobs'], batch.maxJobs, 10_000);
  within(['batch', 'maxBytes'], batch?.maxBytes, 100_000_000);
  fault(['batch', 'maxWaitMs'], batchWaitFault(batch?.maxWaitMs));
}

function urlFault(text: string, allowHttp: boolean): string | undefined {
  if (!URL.canParse(text)) return 'must be an absolute URL';
  const { protocol, username, password, hash } = new URL(text);
  if (protocol === 'http:' && !allowHttp) return 'must begin with https://, unless allowHttp is set';
  if (protocol !== 'https:' && protocol !== 'http:') return 'must begin with https://';
  if (username !== '' || password !== '') return 'must not hold credentials: headers may';
  return hash === '' ? undefined : 'must not hold a fragment';
}

function headerFault(name: string, value: string): string | undefined {
  if (OURS.test(name)) return 'is set by the webhook itself';
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return undefined;
  } catch {
    return 'must be a header';
  }
}

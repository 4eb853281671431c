import type {
  Extraction,
  FragmentError,
  HttpTrigger,
  IncomingRequest,
  NoEvent,
  TriggerToolkit,
} from '@fragment/core';
import { isFragmentError, pathsOf } from '@fragment/core';
import { rest, type RestOptions } from './index.js';

export const receivedAt = new Date('2024-05-01T10:10:00.250Z');
let made = 0;

/** The last message id that was made. */
export const lastMadeId = (): string => `made-${made}`;

const toolkit = { newId: () => `made-${(made += 1)}` } as TriggerToolkit;

export interface Sent {
  readonly headers?: Record<string, string>;
  readonly query?: string;
  readonly ip?: string;
  readonly base?: string;
  readonly method?: string;
}

/** Hands a body to the trigger of a path, as the gateway would. */
export function post(options: RestOptions, path: string, body: unknown, o: Sent = {}): Extraction {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return extract(options, { method: 'POST', path, body: bytes }, o) as Extraction;
}

/** Asks for a path, as the gateway would. */
export function get(options: RestOptions, path: string, o: Sent = {}): Extraction | NoEvent {
  return extract(options, { method: o.method ?? 'GET', path, body: Buffer.alloc(0) }, o);
}

/** The trigger of a path, and what the path says to it. */
export function triggerAt(
  options: RestOptions,
  path: string,
): { readonly trigger: HttpTrigger; readonly params: Readonly<Record<string, string>> } {
  for (const trigger of rest(options).triggers) {
    if (trigger.mode !== 'http') continue;
    for (const pattern of pathsOf(trigger.route)) {
      const found = new RegExp(`^${pattern.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`).exec(path);
      if (found) return { trigger, params: { ...found.groups } };
    }
  }
  throw new Error(`nothing answers ${path}`);
}

function extract(
  options: RestOptions,
  request: Pick<IncomingRequest, 'method' | 'path' | 'body'>,
  { headers = {}, query = '', ip, base }: Sent,
): Extraction | NoEvent {
  const { trigger, params } = triggerAt(options, request.path);
  const complete: IncomingRequest = {
    ...request,
    params,
    query: new URLSearchParams(query),
    headers,
    receivedAt,
    ...(ip !== undefined && { ip }),
    ...(base !== undefined && { base }),
  };
  return trigger.extract(complete, toolkit) as Extraction | NoEvent;
}

/** The error that `act` must throw. */
export function refusal(act: () => unknown): FragmentError {
  try {
    act();
  } catch (error) {
    if (isFragmentError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

import type { Extraction, FragmentError, HttpTrigger, IncomingRequest, TriggerToolkit } from '@fragment/core';
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
}

/** Hands a body to the trigger of a path, as the gateway would. */
export function post(options: RestOptions, path: string, body: unknown, o: Sent = {}): Extraction {
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const request: IncomingRequest = {
    method: 'POST',
    path,
    query: new URLSearchParams(o.query ?? ''),
    headers: o.headers ?? {},
    body: bytes,
    receivedAt,
  };
  const trigger = rest(options).triggers.find(
    (t): t is HttpTrigger => t.mode === 'http' && pathsOf(t.route).includes(path),
  );
  if (trigger === undefined) throw new Error(`nothing answers ${path}`);
  return trigger.extract(request, toolkit) as Extraction;
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

import { basePath } from '../base-path.js';
import type { ListMeta, Validation } from './types.js';

/** What the server said when it did not do what was asked; `statusCode` 0: it was not reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly statusCode: number;
  readonly code: string;
  readonly validations: readonly Validation[];

  constructor(statusCode: number, code: string, message: string, validations: readonly Validation[] = []) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
    this.validations = validations;
  }
}

export interface Answer<T> {
  readonly data: T;
  readonly meta: ListMeta | undefined;
}

export type QueryValue = string | number | boolean | readonly string[] | undefined;

interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly query?: Readonly<Record<string, QueryValue>> | URLSearchParams;
  readonly body?: object;
  readonly signal?: AbortSignal;
}

const DEADLINE_MS = 30_000;

/** The header value that writes need from a browser; known with the session. */
let csrf: string | null = null;
let onUnauthorized: () => void = () => undefined;

export function setCsrf(value: string | null): void {
  csrf = value;
}

/** Called whenever the server no longer knows who asks. */
export function setOnUnauthorized(listener: () => void): void {
  onUnauthorized = listener;
}

/** Address of an endpoint, `path` without `/api` and already encoded. */
export function apiUrl(path: string, query?: RequestOptions['query']): string {
  const parameters = query instanceof URLSearchParams ? query : searchOf(query ?? {});
  const search = parameters.toString();
  return `${basePath}/api/${path}${search && `?${search}`}`;
}

function searchOf(query: Readonly<Record<string, QueryValue>>): URLSearchParams {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    const values = typeof value === 'object' ? value : [String(value)];
    for (const each of values) search.append(name, each);
  }
  return search;
}

/** @throws {ApiError} for every answer that is not 2xx, and when there is none within 30 s. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<Answer<T>> {
  const { method = 'GET', body, signal } = options;
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const response = await fetch(apiUrl(path, options.query), {
    method,
    headers: {
      accept: 'application/json',
      ...(method !== 'GET' && { 'content-type': 'application/json' }),
      ...(method !== 'GET' && csrf !== null && { 'x-fragment-csrf': csrf }),
    },
    ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
    signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'UNREACHABLE', 'The server does not answer.');
  });
  if (response.ok) return (await response.json()) as Answer<T>;
  const failure = await failureOf(response);
  if (failure.statusCode === 401) onUnauthorized();
  throw failure;
}

async function failureOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as {
    readonly code?: string;
    readonly message?: string;
    readonly validations?: readonly Validation[];
  };
  const { code = `HTTP_${response.status}`, message = 'The server gave no reason.', validations } = body;
  return new ApiError(response.status, code, message, validations);
}

export const get = async <T>(
  path: string,
  query?: RequestOptions['query'],
  signal?: AbortSignal,
): Promise<T> => (await request<T>(path, { ...(query && { query }), ...(signal && { signal }) })).data;

export const post = async <T>(path: string, body: object = {}): Promise<T> =>
  (await request<T>(path, { method: 'POST', body })).data;

/** A path of the API with its names encoded: `` path`store/jobs/${id}/retry` ``. */
export function path(texts: TemplateStringsArray, ...names: readonly string[]): string {
  return String.raw({ raw: texts }, ...names.map((name) => encodeURIComponent(name)));
}

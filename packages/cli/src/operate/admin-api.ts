import { FragmentError, isFragmentError } from '@fragment/core';
import type { ParameterValue } from './filter.js';
import { readEvents } from './server-sent-events.js';

const TIMEOUT_MS = 30_000;
/** A stream that is silent for longer is dead: the server says something every 15 s. */
const SILENCE_MS = 60_000;

/** Of a query. A list is repeated. */
export type Parameters = readonly (readonly [name: string, value: ParameterValue])[];

interface Answer<T, M> {
  readonly data: T;
  readonly meta: M;
}

/** The admin API of a scheduler, with its envelope and its errors. */
export class AdminApi {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param url where the scheduler listens; with a path, where the admin is mounted. */
  constructor(url: string, token: string | undefined) {
    const { origin, pathname } = new URL(url);
    this.#base = `${origin}${pathname === '/' ? '/admin' : pathname.replace(/\/+$/, '')}/api/`;
    this.#headers = token ? { authorization: `Bearer ${token}` } : {};
  }

  async get<T, M>(path: string, parameters: Parameters): Promise<Answer<T, M>> {
    return this.#json(`${path}?${queryOf(parameters)}`, {});
  }

  async post<T>(path: string, body: object): Promise<Answer<T, unknown>> {
    return this.#json(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /**
   * The data of the stream's `event` messages, until the signal aborts.
   * @throws {FragmentError} FRAGMENT_CLI_REMOTE_UNREACHABLE also when the server ends it
   */
  async *stream<T>(path: string, parameters: Parameters, signal: AbortSignal): AsyncGenerator<T, void> {
    const silence = new AbortController();
    const dead = (): void => silence.abort(unreachable(this.#base, 'The stream fell silent.'));
    let timer = setTimeout(dead, SILENCE_MS);
    try {
      const either = AbortSignal.any([signal, silence.signal]);
      const response = await this.#request(`${path}?${queryOf(parameters)}`, { signal: either });
      for await (const { event, data } of readEvents(response.body)) {
        clearTimeout(timer);
        timer = setTimeout(dead, SILENCE_MS);
        if (event === 'event') yield JSON.parse(data) as T;
      }
      throw unreachable(this.#base, 'The stream has ended.');
    } catch (error) {
      if (signal.aborted) return;
      if (silence.signal.aborted) throw silence.signal.reason;
      throw isFragmentError(error) ? error : unreachable(this.#base, 'The stream broke off.', error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #json<T, M>(path: string, init: RequestInit): Promise<Answer<T, M>> {
    const response = await this.#request(path, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    const body = await jsonOf(response);
    if (typeof body === 'object' && body !== null && 'data' in body) return body as Answer<T, M>;
    throw refused(path, response.status, 'as no admin API does');
  }

  async #request(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...this.#headers, ...(init.headers as Record<string, string> | undefined) };
    let response: Response;
    try {
      // The token must not follow a redirection to somewhere else.
      response = await fetch(`${this.#base}${path}`, { ...init, headers, redirect: 'error' });
    } catch (cause) {
      if (init.signal?.aborted === true && cause instanceof Error && cause.name === 'AbortError') throw cause;
      throw unreachable(this.#base, undefined, cause);
    }
    if (response.ok) return response;
    const body = (await jsonOf(response)) as { code?: string; message?: string } | undefined;
    const said = [body?.code, body?.message].filter((part) => part !== undefined).join(': ');
    throw refused(
      path,
      response.status,
      said,
      (body as { validations?: readonly Problem[] } | undefined)?.validations,
    );
  }
}

interface Problem {
  readonly message: string;
  readonly path: readonly string[];
}

function queryOf(parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of parameters)
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  return query.toString();
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

const refused = (
  path: string,
  status: number,
  said: string,
  validations: readonly Problem[] = [],
): FragmentError =>
  new FragmentError('FRAGMENT_CLI_REMOTE_REFUSED', {
    detail: `${path.split('?')[0] ?? ''} was answered ${status}${said === '' ? '' : `, ${said}`}.`,
    validations,
  });

const unreachable = (base: string, detail = 'Nothing answers there.', cause?: unknown): FragmentError =>
  new FragmentError('FRAGMENT_CLI_REMOTE_UNREACHABLE', {
    detail: `${new URL(base).origin}: ${detail}`,
    ...(cause instanceof Error && { cause: cause.cause ?? cause }),
  });

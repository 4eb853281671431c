import type { IncomingMessage, ServerResponse } from 'node:http';
import { FragmentError, type Application } from '@fragment/core';
import { answerError, answerJson } from './answers.js';

/** `live`: the process answers. `ready`: it can do its work. The bare path is the ancestor's and means live. */
export const HEALTH_PATHS = ['/_health', '/_health/live', '/_health/ready'] as const;

export interface HealthState {
  readonly app: Application;
  /** A service that is being stopped is alive, but no longer ready. */
  readonly stopping: boolean;
}

export function isHealthPath(path: string): boolean {
  return (HEALTH_PATHS as readonly string[]).includes(path);
}

/**
 * Answers a health route. Open to everybody, so it tells the names and states of the checks and not their messages.
 * Only `ready` looks at the store: a database that is away must not make an orchestrator restart healthy processes.
 */
export async function answerHealth(
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
  { app, stopping }: HealthState,
): Promise<void> {
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    answerError(res, new FragmentError('FRAGMENT_HTTP_METHOD_NOT_ALLOWED'), app.logger, [
      'allow',
      'GET, HEAD',
    ]);
    return;
  }
  if (path !== '/_health/ready') {
    answerJson(res, 200, { statusCode: 200, message: 'Successful' });
    return;
  }
  try {
    const { status, checks } = await app.health();
    const ready = status !== 'unavailable' && !stopping;
    answerJson(res, ready ? 200 : 503, {
      statusCode: ready ? 200 : 503,
      message: ready ? 'Successful' : 'Service Unavailable',
      data: {
        status: stopping ? 'stopping' : status,
        checks: checks.map(({ name, status }) => ({ name, status })),
      },
    });
  } catch (error) {
    answerError(res, error, app.logger);
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { FragmentError, type Application, type Service, type Validation } from '@fragment/core';
import {
  answerError,
  answerHealth,
  createListener,
  isHealthPath,
  isLoopback,
  listenProblems,
  type ListenOptions,
} from '@fragment/http-server';

export interface SchedulerOptions extends ListenOptions {
  /** 0 takes any free port; false never listens. Default FRAGMENT_SCHEDULER_PORT, else 9091. */
  readonly port?: number | false;
  /** What serves `/admin`, usually `admin()` of @fragment/admin. Default: nothing does. */
  readonly admin?: AdminHandler;
}

/** An object that answers requests below its path. */
export interface AdminHandler {
  readonly basePath: string;
  /** Does it know who asks? Without that it is never served to other machines. */
  readonly protected: boolean;
  attach(app: Application): void;
  handler(req: IncomingMessage, res: ServerResponse): void;
  /** What serves `/metrics`. It knows itself who may see them. */
  metrics?(req: IncomingMessage, res: ServerResponse): void;
}

/**
 * The service that loads events out: it runs the application's execution and listens for health checks and admin.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with every problem of the options.
 */
export function scheduler(options: SchedulerOptions = {}): Service {
  const { host = '127.0.0.1', port = 9091, admin } = options;
  const problems: readonly Validation[] = listenProblems('scheduler', options);
  if (problems.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations: problems });

  let application: Application | undefined;
  const required = (): Application => {
    if (application) return application;
    throw new FragmentError('FRAGMENT_APPLICATION_STATE', {
      detail: 'The scheduler belongs to no application yet.',
    });
  };
  const handle = (req: IncomingMessage, res: ServerResponse): void => {
    const app = required();
    const [path = '/'] = (req.url ?? '/').split('?', 1);
    if (admin && isBelow(admin.basePath, path)) admin.handler(req, res);
    else if (admin?.metrics && path === '/metrics') admin.metrics(req, res);
    else if (isHealthPath(path))
      void answerHealth(req, res, path, { app, stopping: listener?.stopping ?? false });
    else answerError(res, new FragmentError('FRAGMENT_HTTP_NOT_FOUND'), app.logger);
  };
  const listener = port === false ? undefined : createListener({ service: 'scheduler', host, port, handle });

  return {
    name: 'scheduler',
    attach: (app) => {
      if (application) {
        throw new FragmentError('FRAGMENT_APPLICATION_STATE', {
          detail: 'The scheduler belongs to an application.',
        });
      }
      application = app;
      admin?.attach(app);
    },
    start: async () => {
      const { execution } = required();
      if (listener && admin && !admin.protected && !isLoopback(host)) {
        throw new FragmentError('FRAGMENT_ADMIN_TOKEN_REQUIRED', {
          detail: `The scheduler would listen on ${host}.`,
        });
      }
      await execution.start();
      try {
        return await listener?.start();
      } catch (error) {
        await execution.stop(AbortSignal.abort());
        throw error;
      }
    },
    // Both at once: the listener has its own running requests, and neither may use up the other's time.
    stop: async (signal) => {
      await Promise.all([listener?.stop(signal), application?.execution.stop(signal)]);
    },
  };
}

const isBelow = (basePath: string, path: string): boolean =>
  path === basePath || path.startsWith(`${basePath}/`);

import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  FragmentError,
  operations,
  type Application,
  type Operations,
  type Validation,
} from '@fragment/core';
import { answerJson } from '@fragment/http-server';
import { adminEdge, type AdminEdge } from './edge.js';

export interface AdminOptions {
  /** At least 16 characters, asked for as `Authorization: Bearer <token>`. Without it only this machine is served. */
  readonly token?: string;
  /** The host's own login stands before every request, so none is asked for here. Only for mounting into a host. Default false. */
  readonly hostLogin?: boolean;
  /** Default `/admin`. */
  readonly basePath?: string;
  /** Default: the operations of the application it is attached to. */
  readonly operations?: Operations;
}

/** The admin API. The scheduler serves it on its port; a host may mount it as well. */
export interface Admin {
  readonly basePath: string;
  /** Does it know who asks? Without that it must not be reachable from other machines. */
  readonly protected: boolean;
  attach(app: Application): void;
  /** Answers every request below the base path, for any server of Node's. */
  readonly handler: (req: IncomingMessage, res: ServerResponse) => void;
  /** The same for `app.use(basePath, admin.router())`: Express has taken the mounting path away. */
  router(): (req: IncomingMessage, res: ServerResponse) => void;
}

/**
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with every problem of the options.
 */
export function admin(options: AdminOptions = {}): Admin {
  const { token, hostLogin = false, basePath = '/admin' } = options;
  const problems = problemsOf(options);
  if (problems.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations: problems });
  let edge: AdminEdge | undefined;
  const answer = (req: IncomingMessage, res: ServerResponse, path: string): void => {
    if (edge) void edge(req, res, path);
    else
      answerJson(res, 503, { ...new FragmentError('FRAGMENT_APPLICATION_STATE').toBody(), statusCode: 503 });
  };

  return {
    basePath,
    protected: token !== undefined || hostLogin,
    attach: (app) => {
      edge = adminEdge({
        app,
        operations: options.operations ?? operations(app),
        basePath,
        rules: { token, hostLogin },
      });
    },
    handler: (req, res) => {
      const target = req.url ?? '/';
      answer(req, res, target.startsWith(basePath) ? target.slice(basePath.length) : target);
    },
    router: () => (req, res) => answer(req, res, req.url ?? '/'),
  };
}

function problemsOf({ token, basePath, hostLogin }: AdminOptions): readonly Validation[] {
  const problems: Validation[] = [];
  if (token !== undefined && token.length < 16) {
    problems.push({ message: 'token must have at least 16 characters', path: ['admin', 'token'] });
  }
  if (token !== undefined && hostLogin === true) {
    problems.push({ message: 'hostLogin and token exclude each other', path: ['admin', 'hostLogin'] });
  }
  if (basePath !== undefined && !/^(\/[A-Za-z0-9._~-]+)+$/.test(basePath)) {
    problems.push({
      message: 'basePath must look like /admin, without a slash at its end',
      path: ['admin', 'basePath'],
    });
  }
  return problems;
}

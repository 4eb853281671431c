import type { IncomingMessage, ServerResponse } from 'node:http';
import { FragmentError, operations, type Application } from '@fragment/core';
import { answerJson } from '@fragment/http-server';
import { Access } from './access/access.js';
import type { AdminToken } from './access/roles.js';
import type { AdminOptions } from './admin-options.js';
import { adminEdge, type AdminEdge } from './edge.js';
import { metricsOf, type MetricsHandler } from './metrics/metrics.js';
import { problemsOf } from './options.js';
import { redactedApplication, redactedOperations } from './redaction/redacted-operations.js';
import { Redactor } from './redaction/redactor.js';

/** The admin API and the dashboard. The scheduler serves both on its port; a host may mount them as well. */
export interface Admin {
  readonly basePath: string;
  /**
   * Does it know itself who asks? Without that it must not be served to other machines on a port of Fragment's own, where
   * nothing stands before it.
   */
  readonly protected: boolean;
  attach(app: Application): void;
  /** Answers every request below the base path, for any server of Node's. */
  readonly handler: (req: IncomingMessage, res: ServerResponse) => void;
  /** Answers a scrape by Prometheus; the scheduler and the gateway serve it as `/metrics`. Needs the role read. */
  readonly metrics: (req: IncomingMessage, res: ServerResponse) => void;
  /** The same for `app.use(basePath, admin.router())`: Express has taken the mounting path away. */
  router(): (req: IncomingMessage, res: ServerResponse) => void;
}

const answerUnattached = (res: ServerResponse): void =>
  answerJson(res, 503, { ...new FragmentError('FRAGMENT_APPLICATION_STATE').toBody(), statusCode: 503 });

/**
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with every problem of the options.
 */
export function admin(options: AdminOptions = {}): Admin {
  const { token, hostLogin = false, basePath = '/admin' } = options;
  const problems = problemsOf(options);
  if (problems.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations: problems });
  const own: readonly AdminToken[] = token === undefined ? [] : [{ name: 'admin', role: 'admin', token }];
  const tokens = [...own, ...(options.tokens ?? [])];
  let edge: AdminEdge | undefined;
  let metrics: MetricsHandler | undefined;
  const answer = (req: IncomingMessage, res: ServerResponse, path: string): void => {
    if (edge) void edge(req, res, path);
    else answerUnattached(res);
  };

  return {
    basePath,
    protected: tokens.length > 0 || typeof hostLogin === 'function',
    attach: (app) => {
      const rules = { tokens, hostLogin, hosts: options.hosts, basePath };
      const access = new Access(rules, app.clock);
      metrics = metricsOf(app, access, options.registry);
      const all = options.operations ?? operations(app);
      const redactor = options.redact && new Redactor(options.redact, app);
      edge = adminEdge({
        app: redactor ? redactedApplication(app, redactor) : app,
        operations: redactor ? redactedOperations(all, redactor) : all,
        basePath,
        access,
        settings: options.settings ?? (() => []),
      });
    },
    handler: (req, res) => {
      const target = req.url ?? '/';
      answer(req, res, target.startsWith(basePath) ? target.slice(basePath.length) : target);
    },
    metrics: (req, res) => {
      if (metrics) void metrics(req, res);
      else answerUnattached(res);
    },
    router: () => (req, res) => answer(req, res, req.url ?? '/'),
  };
}

import type { Admin } from '@fragment/admin';
import {
  FragmentError,
  type Application,
  type Operations,
  type Service,
  type StartedApplication,
} from '@fragment/core';
import type { Gateway } from '@fragment/gateway';
import type { Database } from './database.js';
import type { FragmentSettings } from './settings.js';

/** An application with everything around it. Starts once and stops once. */
export interface Fragment {
  readonly app: Application;
  /** `router()` for Express, `handler` for any server of Node's. */
  readonly gateway: Gateway;
  readonly scheduler: Service;
  /** The admin API and dashboard, which the scheduler serves; a host may mount it as well: `app.use('/admin', admin.router())`. */
  readonly admin: Admin;
  /** Everything an operator can see and do. */
  readonly operations: Operations;
  /** What holds, and whether an option, the environment or a default said so. Holds secrets. */
  readonly settings: FragmentSettings;
  /** Makes the store reachable and starts nothing else: what migrations need. `start` does it too. */
  open(): Promise<void>;
  /**
   * Starts the embedded database where there is one, migrates, starts the services; undoes it all when one of them
   * fails. Default: both services. Resolves when they listen.
   */
  start(which?: { readonly gateway?: boolean; readonly scheduler?: boolean }): Promise<StartedApplication>;
  /**
   * Takes nothing new in, lets running work end within `timeoutMs` (default 10,000), and lets go of everything, the
   * embedded database last. Leaves no handle behind. May be called at any time, also while a start is under way.
   */
  stop(o?: { readonly timeoutMs?: number }): Promise<void>;
}

const STOP_TIMEOUT_MS = 10_000;

/** The order in which an application and its database start and end. */
export class FragmentLifecycle {
  readonly #app: Application;
  readonly #database: Database | undefined;
  #starting: Promise<StartedApplication> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(app: Application, database: Database | undefined) {
    this.#app = app;
    this.#database = database;
  }

  async open(): Promise<void> {
    if (this.#stopping) throw stateError('It is stopped.');
    await this.#database?.open();
  }

  async start(which: Parameters<Fragment['start']>[0]): Promise<StartedApplication> {
    if (this.#stopping) throw stateError('It is stopped.');
    if (this.#starting) throw stateError('It is started.');
    this.#starting = this.open().then(() => this.#app.start(which));
    try {
      return await this.#starting;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  stop({ timeoutMs = STOP_TIMEOUT_MS }: { timeoutMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(timeoutMs);
    return this.#stopping;
  }

  async #stop(timeoutMs: number): Promise<void> {
    const { clock } = this.#app;
    const since = clock.now();
    this.#database?.abandon();
    // Parts that are still being started could be missed by a stop.
    if (this.#starting) await this.#settled(this.#starting, timeoutMs);
    await this.#app.stop({ timeoutMs: Math.max(0, timeoutMs - (clock.now() - since)) });
    await this.#database?.close();
  }

  async #settled(work: Promise<unknown>, timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#app.clock.setTimer(resolve, timeoutMs);
      const end = (): void => {
        timer.clear();
        resolve();
      };
      work.then(end, end);
    });
  }
}

const stateError = (detail: string): FragmentError =>
  new FragmentError('FRAGMENT_APPLICATION_STATE', { detail });

import type {
  Application,
  ApplicationOptions,
  Service,
  StartedApplication,
} from '../contracts/application.js';
import type { Destination } from '../contracts/destination.js';
import type { ServiceEntry } from '../contracts/services.js';
import type { Source } from '../contracts/source.js';
import type { Toolkit } from '../contracts/toolkit.js';
import { FragmentError, isFragmentError } from '../errors/fragment-error.js';
import type { Ingest } from '../ingest/ingest.js';
import { DeadlineError, withDeadline } from '../platform/deadline.js';
import { describeError } from '../platform/logger.js';
import type { Identity } from '../platform/identity.js';
import { toolkit } from '../platform/toolkit.js';
import type { StatisticsWriter } from '../statistics/statistics-writer.js';
import { Presence } from './presence.js';

const INIT_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

type Plugin = Pick<Source | Destination, 'name' | 'init' | 'shutdown'>;

export interface LifecycleParts {
  readonly ingest: Ingest;
  readonly statistics: StatisticsWriter;
  readonly identity: Identity;
}

/** Starts and stops an application once, in order, and undoes a start that fails half-way. */
export class Lifecycle {
  readonly #app: Application;
  readonly #options: ApplicationOptions;
  readonly #parts: LifecycleParts;
  readonly #presence: Presence;
  readonly #signal = new AbortController();
  readonly #services: Service[] = [];
  readonly #plugins: Plugin[] = [];
  #state: 'new' | 'started' | 'stopped' = 'new';
  #stopping: Promise<void> | undefined;

  constructor(app: Application, options: ApplicationOptions, parts: LifecycleParts) {
    this.#app = app;
    this.#options = options;
    this.#parts = parts;
    this.#presence = new Presence(app.store, app.clock, app.logger);
  }

  async start(which: { gateway?: boolean; scheduler?: boolean } = {}): Promise<StartedApplication> {
    if (this.#state !== 'new') {
      throw new FragmentError('FRAGMENT_APPLICATION_STATE', { detail: `It is ${this.#state}.` });
    }
    this.#state = 'started';
    try {
      await this.#app.store.migrate();
      await this.#app.queue.migrate?.();
      for (const plugin of [...this.#app.sources, ...this.#app.destinations]) {
        this.#refuseStopped();
        await this.#init(plugin);
      }
      this.#parts.statistics.start();
      const scheduler = await this.#startService(this.#options.scheduler, which.scheduler);
      const gateway = await this.#startService(this.#options.gateway, which.gateway);
      const addresses = { ...(gateway ? { gateway } : {}), ...(scheduler ? { scheduler } : {}) };
      this.#announce(addresses);
      return addresses;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  stop(o: { timeoutMs?: number } = {}): Promise<void> {
    this.#stopping ??= this.#stop(o.timeoutMs ?? STOP_TIMEOUT_MS);
    return this.#stopping;
  }

  async #init(plugin: Plugin): Promise<void> {
    const { clock } = this.#app;
    try {
      await withDeadline(clock, INIT_TIMEOUT_MS, this.#signal.signal, () =>
        plugin.init?.(this.#toolkit(plugin)),
      );
      this.#plugins.push(plugin);
    } catch (cause) {
      if (isFragmentError(cause)) throw cause;
      const detail = `${plugin.name}: ${describeError(cause).error}`;
      throw new FragmentError('FRAGMENT_PLUGIN_INIT_FAILED', { detail, cause });
    }
  }

  async #startService(service: Service | undefined, wanted = true): ReturnType<Service['start']> {
    if (!service || !wanted) return undefined;
    this.#refuseStopped();
    this.#services.push(service);
    const address = await service.start();
    if (this.#stopping) {
      // The stop came while it was opening, and may have found nothing to close.
      await this.#quietly(service.name, () => service.stop(AbortSignal.abort()));
    }
    this.#refuseStopped();
    return address;
  }

  #announce(addresses: StartedApplication): void {
    const { identity } = this.#parts;
    const { name: application, clock } = this.#app;
    const startedAt = new Date(clock.now());
    const { host, pid } = identity;
    const entryOf = (service: ServiceEntry['service']): readonly ServiceEntry[] => {
      const running = this.#options[service];
      if (!running || !this.#services.includes(running)) return [];
      const address = addresses[service]?.url;
      const entry = { id: identity[service], service, application, host, pid, startedAt };
      return [{ ...entry, ...(address === undefined ? {} : { address }) }];
    };
    this.#presence.start([...entryOf('gateway'), ...entryOf('scheduler')]);
  }

  #refuseStopped(): void {
    if (!this.#stopping) return;
    throw new FragmentError('FRAGMENT_APPLICATION_STATE', { detail: 'It was stopped while it started.' });
  }

  async #stop(timeoutMs: number): Promise<void> {
    this.#state = 'stopped';
    const { clock, queue, store } = this.#app;
    const deadline = new AbortController();
    const timer = clock.setTimer(() => deadline.abort(), timeoutMs);
    // The gateway was started last and stops first: nothing new comes in while the rest ends.
    for (const service of this.#services.reverse()) {
      await this.#quietly(service.name, () => service.stop(deadline.signal));
      if (service === this.#options.gateway)
        await this.#quietly('commits', () => this.#drain(deadline.signal, timeoutMs));
    }
    await this.#quietly('commits', () => this.#drain(deadline.signal, timeoutMs));
    await Promise.all([
      this.#quietly('statistics', () => this.#parts.statistics.stop()),
      this.#presence.stop(),
    ]);
    this.#signal.abort();
    for (const plugin of this.#plugins.reverse()) {
      await this.#quietly(plugin.name, () =>
        withDeadline(clock, timeoutMs, new AbortController().signal, () =>
          plugin.shutdown?.(this.#toolkit(plugin)),
        ),
      );
    }
    await this.#quietly(queue.name, () => queue.close());
    await this.#quietly(store.name, () => store.close());
    timer.clear();
  }

  async #drain(signal: AbortSignal, timeoutMs: number): Promise<void> {
    await withDeadline(this.#app.clock, timeoutMs, signal, () => this.#parts.ingest.stop());
  }

  /** One part that cannot end well must not keep the others from ending at all. */
  async #quietly(what: string, end: () => Promise<unknown>): Promise<void> {
    try {
      await end();
    } catch (error) {
      const late = error instanceof DeadlineError;
      this.#app.logger.warn(
        { part: what, ...describeError(error) },
        late ? 'did not stop in time' : 'failed to stop',
      );
    }
  }

  #toolkit(plugin: Plugin): Toolkit {
    const { logger, clock } = this.#app;
    return toolkit(logger.child({ plugin: plugin.name }), clock, this.#signal.signal);
  }
}

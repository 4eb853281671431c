import { readFile } from 'node:fs/promises';
import type { ServiceEntry } from '../contracts/services.js';
import type { Store } from '../contracts/store.js';
import type { Clock, Logger, Timer } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';

const BEAT_MS = 10_000;
/** Three beats that did not come. */
export const GONE_AFTER_MS = 30_000;

/**
 * Says in the store, every ten seconds, that the services of this process are there. A store that is away is no fault
 * here: whoever needs it says so.
 */
export class Presence {
  readonly #store: Pick<Store, 'announce' | 'withdraw'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #entries: readonly ServiceEntry[] = [];
  #timer: Timer | undefined;
  #beating: Promise<void> | undefined;
  #stopped = false;

  constructor(store: Pick<Store, 'announce' | 'withdraw'>, clock: Clock, logger: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
  }

  start(entries: readonly Omit<ServiceEntry, 'version'>[]): void {
    if (entries.length === 0 || this.#stopped) return;
    this.#beat(async () => {
      const version = await ownVersion();
      this.#entries = entries.map((entry) => ({ ...entry, ...(version === undefined ? {} : { version }) }));
      await this.#store.announce(this.#entries);
    });
  }

  /** Takes them out again. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timer?.clear();
    await this.#beating;
    if (this.#entries.length === 0) return;
    await this.#quietly(() => this.#store.withdraw(this.#entries.map(({ id }) => id)));
  }

  #beat(announce: () => Promise<void>): void {
    this.#beating = this.#quietly(announce).then(() => {
      if (this.#stopped) return;
      this.#timer = this.#clock.setTimer(
        () => this.#beat(() => this.#store.announce(this.#entries)),
        BEAT_MS,
      );
    });
  }

  async #quietly(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#logger.debug(describeError(error), 'the list of services could not be written');
    }
  }
}

/** undefined where this package was bundled and has no manifest of its own any more. */
async function ownVersion(): Promise<string | undefined> {
  try {
    const manifest: unknown = JSON.parse(
      await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
    );
    return (manifest as { readonly version: string }).version;
  } catch {
    return undefined;
  }
}

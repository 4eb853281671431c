import { constants } from 'node:os';
import type { Logger } from '@fragment/core';
import type { Fragment } from '@fragment/runtime';
import { EXIT } from './exit-codes.js';

/** What running work gets to end by itself. */
const STOP_MS = 10_000;
/** Beyond it something hangs that has no deadline, a plugin's code for instance. */
const GIVE_UP_MS = STOP_MS + 5_000;
/** A terminal's Ctrl-C reaches us twice below npm, which passes on what we got already. */
const REPEAT_MS = 500;

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Decides when and how the process ends, from the start of the application on. */
export class Shutdown {
  /** Settles with the exit code when everything has ended. */
  readonly finished: Promise<number>;
  readonly #fragment: Fragment;
  readonly #logger: Logger;
  #finish: (code: number) => void = () => undefined;
  #first: { readonly signal?: NodeJS.Signals; readonly at: number } | undefined;
  #code: number = EXIT.ok;

  constructor(fragment: Fragment, logger: Logger) {
    this.#fragment = fragment;
    this.#logger = logger;
    this.finished = new Promise((resolve) => (this.#finish = resolve));
    for (const signal of signals) process.on(signal, this.#onSignal);
    process.on('uncaughtException', this.#onFault);
    process.on('unhandledRejection', this.#onFault);
  }

  get begun(): boolean {
    return this.#first !== undefined;
  }

  /** Leaves signals and faults to Node again. */
  forget(): void {
    for (const signal of signals) process.off(signal, this.#onSignal);
    process.off('uncaughtException', this.#onFault);
    process.off('unhandledRejection', this.#onFault);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (!this.#first) {
      this.#logger.info({ signal }, 'stopping');
      this.#stop(signal);
      return;
    }
    const repeated = this.#first.signal === signal && Date.now() - this.#first.at > REPEAT_MS;
    // The embedded database ends with its owner, whatever way that goes.
    if (repeated) process.exit(128 + constants.signals[signal]);
  };

  /** Nobody knows what state the process is in: it ends, as gently as it still can. */
  readonly #onFault = (error: unknown): void => {
    this.#logger.error({ err: error }, 'a fault that nothing had foreseen');
    this.#code = EXIT.failed;
    if (!this.#first) this.#stop();
  };

  #stop(signal?: NodeJS.Signals): void {
    this.#first = { at: Date.now(), ...(signal && { signal }) };
    setTimeout(() => {
      this.#logger.error({ waitedMs: GIVE_UP_MS }, 'something does not end; giving up');
      process.exit(EXIT.failed);
    }, GIVE_UP_MS).unref();
    this.#fragment.stop({ timeoutMs: STOP_MS }).then(
      () => {
        this.#logger.info({}, 'stopped');
        this.#finish(this.#code);
      },
      (error: unknown) => {
        this.#logger.error({ err: error }, 'did not stop well');
        this.#finish(EXIT.failed);
      },
    );
  }
}

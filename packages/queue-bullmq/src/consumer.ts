import type { Consumer, JobRef } from '@fragment/core';
import type { Broker, OpenWorker, Process } from './broker.js';
import { pause, settledWithin } from './deadline.js';
import { describe } from './failure.js';
import { toRef } from './message.js';
import { giveBack } from './give-back.js';
import type { BrokerWatch } from './watch.js';

/** Wait before a worker that could not start is started again. */
const RESTART_MS = 250;
/** Time the broker has to take note that a worker ends. */
const CLOSE_MS = 500;

export interface ConsumerSettings {
  readonly broker: Broker;
  readonly watch: BrokerWatch;
  readonly destination: string;
  readonly concurrency: number;
  readonly stalledIntervalMs: number;
  readonly fn: (ref: JobRef, signal: AbortSignal) => Promise<void>;
}

/** Takes messages of one destination until it is closed, whatever happens to the broker meanwhile. */
export class BullmqConsumer implements Consumer {
  readonly #settings: ConsumerSettings;
  readonly #closing = new AbortController();
  readonly #calls = new Set<Promise<void>>();
  readonly #running: Promise<void>;
  #open: OpenWorker | undefined;
  #closed: Promise<void> | undefined;

  constructor(settings: ConsumerSettings) {
    this.#settings = settings;
    this.#running = this.#run();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Closes, and after `ms` lets go of calls that do not end: their messages are taken again elsewhere. */
  async closeWithin(ms: number): Promise<void> {
    if (await settledWithin(this.close(), ms)) return;
    this.#settings.watch.logger.warn(
      { destination: this.#settings.destination },
      'Calls ignored the signal to stop; they were left behind.',
    );
    if (this.#open !== undefined) await this.#end(this.#open, true);
  }

  #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  async #run(): Promise<void> {
    const { broker, watch, destination } = this.#settings;
    while (!this.#isClosing()) {
      try {
        await broker.ready();
        await this.#work();
      } catch (error) {
        watch.problem({ destination }, error);
      }
      await pause(RESTART_MS, this.#closing.signal);
    }
  }

  /** Runs one BullMQ worker until it ends. */
  async #work(): Promise<void> {
    if (this.#isClosing()) return;
    const { broker, watch, destination, concurrency, stalledIntervalMs } = this.#settings;
    const open = broker.openWorker(destination, this.#process, concurrency);
    this.#open = open;
    open.worker.on('error', (error) => watch.problem({ destination }, error));
    const recovery = this.#recoverStalled(open, stalledIntervalMs);
    try {
      await open.worker.waitUntilReady();
      await open.worker.run();
    } finally {
      clearInterval(recovery);
      // Without a close in progress the worker gave up by itself: nothing of it may stay.
      if (!this.#isClosing()) await this.#end(open, false);
    }
  }

  #recoverStalled(open: OpenWorker, everyMs: number): NodeJS.Timeout {
    let asking = false;
    const ask = () => {
      if (asking) return;
      asking = true;
      void open
        .recoverStalled()
        .catch((error: unknown) =>
          this.#settings.watch.problem({ destination: this.#settings.destination }, error),
        )
        .finally(() => {
          asking = false;
        });
    };
    return setInterval(ask, everyMs).unref();
  }

  readonly #process: Process = async (job, token) => {
    if (this.#isClosing()) await giveBack(job, token);
    const { destination, fn, watch } = this.#settings;
    const ref = toRef(destination, job.data);
    if (ref === undefined) {
      watch.logger.warn({ destination }, 'A message of the queue is none of ours; it was removed.');
      return;
    }
    const call = callSafely(
      () => fn(ref, this.#closing.signal),
      (reason) =>
        watch.logger.error(
          { destination, reason },
          'Working on a message of the queue threw; the store knows what is left.',
        ),
    );
    this.#calls.add(call);
    await call;
    this.#calls.delete(call);
  };

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#open?.worker.pause(true);
    await Promise.all(this.#calls);
    if (this.#open !== undefined) await this.#end(this.#open, false);
    await settledWithin(this.#running, CLOSE_MS);
  }

  async #end(open: OpenWorker, force: boolean): Promise<void> {
    const closing = open.worker.close(force);
    if (await settledWithin(closing, CLOSE_MS)) return;
    open.abandon();
    await settledWithin(closing, CLOSE_MS);
  }
}

async function callSafely(call: () => Promise<void>, failed: (reason: string) => void): Promise<void> {
  try {
    await call();
  } catch (error) {
    failed(describe(error));
  }
}

import type { JobRef } from '@fragment/core';
import { RefBuffer } from './buffer.js';
import type { Outgoing } from './message.js';

/** Messages in one call to the broker. */
const MAX_BATCH = 200;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;

export interface SenderSettings {
  /** Hands messages to the broker. */
  readonly send: (messages: readonly Outgoing[]) => Promise<void>;
  /** The shortest time between two calls of `send`: what is offered meanwhile is merged. */
  readonly paceMs: number;
  /** References kept while they cannot be sent. */
  readonly limit: number;
  /** Told how many references were dropped because the buffer is full. */
  readonly dropped: (count: number) => void;
}

/**
 * Passes the references of one destination on. The first after a quiet time leaves at once; under load they leave merged,
 * one call at a time. While the broker is away it tries again with growing pauses.
 */
export class Sender {
  readonly #settings: SenderSettings;
  readonly #buffer: RefBuffer;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<boolean> | undefined;
  #failures = 0;
  #notBefore = 0;
  #ended = false;

  constructor(settings: SenderSettings) {
    this.#settings = settings;
    this.#buffer = new RefBuffer(settings.limit);
  }

  offer(ref: JobRef, due: number): void {
    const dropped = this.#buffer.add(ref, due);
    if (dropped > 0) this.#settings.dropped(dropped);
    this.#schedule();
  }

  /** Sends what is left until something fails or `signal` aborts; then nothing is ever sent again. */
  async end(signal: AbortSignal): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#timer);
    await this.#sending;
    while (this.#buffer.size > 0 && !signal.aborted) {
      if (!(await this.#send())) return;
    }
  }

  #schedule(): void {
    if (this.#ended || this.#timer !== undefined || this.#sending !== undefined || this.#buffer.size === 0)
      return;
    const wait = Math.max(0, this.#notBefore - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#sending = this.#send();
      void this.#sending.then(() => {
        this.#sending = undefined;
        this.#schedule();
      });
    }, wait).unref();
  }

  /** Sends one batch; false when the broker did not take it. */
  async #send(): Promise<boolean> {
    const batch = this.#buffer.take(MAX_BATCH);
    const startedAt = performance.now();
    try {
      await this.#settings.send(batch);
      this.#failures = 0;
      // A full batch has merged all it can: waiting would only lengthen the queue.
      this.#notBefore = batch.length < MAX_BATCH ? startedAt + this.#settings.paceMs : 0;
      return true;
    } catch {
      // Whether it arrived is unknown; a message that comes twice does no harm.
      this.#buffer.restore(batch);
      this.#notBefore = performance.now() + Math.min(FIRST_RETRY_MS * 2 ** this.#failures, LONGEST_RETRY_MS);
      this.#failures += 1;
      return false;
    }
  }
}

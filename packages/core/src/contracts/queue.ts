import type { HealthCheck } from './health.js';
import type { JobRef } from './job-ref.js';

/** Tells schedulers what to run next. It may lose and it may repeat: the store decides. */
export interface Queue {
  readonly name: string;
  /** Prepares its schema, where it has one. */
  migrate?(): Promise<void>;
  /** Passes references on. Never throws, never awaited; may lose, may repeat. */
  offer(refs: readonly JobRef[], o?: { readonly delayMs?: number }): void;
  /** Waiting messages of a destination, delayed ones not counted. */
  depth(destination: string): Promise<number>;
  /** Calls `fn` for each message. A message counts as done when `fn` returns or throws: the store knows what is left. */
  consume(
    destination: string,
    o: { readonly concurrency: number },
    fn: (ref: JobRef, signal: AbortSignal) => Promise<void>,
  ): Consumer;
  /** Is the broker reachable? */
  ping(): Promise<void>;
  /** What an operator should know of the broker beyond that: whether it may lose messages, for instance. */
  diagnose?(): Promise<readonly HealthCheck[]>;
  /** Sends what is still to be sent within a short time, then lets go of every connection. */
  close(): Promise<void>;
}

export interface Consumer {
  /** Takes no new messages, aborts the signal, resolves when the running calls have ended. */
  close(): Promise<void>;
}

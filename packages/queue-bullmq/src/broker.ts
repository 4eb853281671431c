import type { HealthCheck } from '@fragment/core';
import type { Job, JobsOptions, WorkerOptions } from 'bullmq';
import type { Message } from './message.js';

/** What is used of BullMQ's Queue, the same on both backends. */
export interface MessageQueue {
  addBulk(jobs: { name: string; data: Message; opts?: JobsOptions }[]): Promise<unknown>;
  getJobCountByTypes(...types: 'waiting'[]): Promise<number>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): Promise<void>;
}

/** What is used of BullMQ's Worker. */
export interface MessageWorker {
  run(): Promise<void>;
  waitUntilReady(): Promise<void>;
  /** With true it returns at once: nothing new is taken, running calls go on. */
  pause(doNotWaitActive: boolean): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** With force it does not wait for running calls. */
  close(force?: boolean): Promise<void>;
}

export type Process = (job: Job<Message, void>, token?: string) => Promise<void>;

/** A worker and what BullMQ's own interface does not offer. */
export interface OpenWorker {
  readonly worker: MessageWorker;
  /** Gives messages of killed processes to the living. */
  recoverStalled(): Promise<unknown>;
  /** Ends the worker's connections at once, so that nothing of it stays pending. */
  abandon(): void;
}

/** Where BullMQ keeps its queues. All of one object's queues share its few connections, made when first needed. */
export interface Broker {
  /** Prepares what has to be there before the first message. */
  migrate(): Promise<void>;
  /** Resolves when the broker can be used; rejects with FRAGMENT_QUEUE_UNAVAILABLE at its deadline. */
  ready(): Promise<void>;
  /** Makes a round trip. */
  ping(): Promise<void>;
  /** What an operator should know of it. */
  diagnose?(): Promise<readonly HealthCheck[]>;
  /** Call after `ready`. */
  openQueue(destination: string): MessageQueue;
  /** Call after `ready`. The worker does not run yet. */
  openWorker(destination: string, process: Process, concurrency: number): OpenWorker;
  /** Lets go of every connection that is ours, within about half a second. */
  close(): Promise<void>;
}

export interface LockSettings {
  readonly lockDurationMs: number;
  readonly stalledIntervalMs: number;
}

/** Deadline of one round trip. */
export const ROUND_TRIP_MS = 2_000;

/** What both backends tell a Worker; connections and prefix are theirs. */
export function workerSettings(concurrency: number, locks: LockSettings): Omit<WorkerOptions, 'connection'> {
  return {
    autorun: false,
    concurrency,
    lockDuration: locks.lockDurationMs,
    stalledInterval: locks.stalledIntervalMs,
    // BullMQ's own loop leaves a timer of five seconds behind when it is closed during an outage; OpenWorker.recoverStalled
    // is called instead.
    skipStalledCheck: true,
    // The store counts attempts; a message whose process died is taken again however often that happens.
    maxStalledCount: 1_000,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
    // Without a limiter BullMQ ignores rate limits that are set at run time.
    limiter: { max: 1_000_000, duration: 1_000 },
    runRetryDelay: 250,
  };
}

/** Options of every message: nothing is kept of it, and BullMQ never repeats it by itself. */
export const messageOptions = { attempts: 1, removeOnComplete: true, removeOnFail: true };

/** BullMQ logs events of each queue for listeners we don't have: keep few. */
export const eventStreams = { events: { maxLen: 100 } };

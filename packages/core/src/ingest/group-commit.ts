import type { IngestLimits } from '../contracts/application.js';
import type { PlannedEvent } from '../contracts/events.js';
import type { Queue } from '../contracts/queue.js';
import type { JobRef } from '../contracts/job-ref.js';
import type { AppendOutcome, Store } from '../contracts/store.js';
import { FragmentError } from '../errors/fragment-error.js';

interface Pending {
  readonly events: readonly PlannedEvent[];
  readonly bytes: number;
  readonly resolve: (outcomes: readonly AppendOutcome[]) => void;
  readonly reject: (error: unknown) => void;
}

/** A commit stops growing here; a single request above it is committed alone. */
const MAX_COMMIT_BYTES = 16 * 1024 * 1024;

/**
 * Lets concurrent requests share one transaction. There is no timer: what arrives while a commit is on its way is the
 * next commit, so a lone request pays no wait and a crowd pays one round trip together. Each request still gets its
 * own result, after the commit.
 */
export class GroupCommit {
  readonly #store: Store;
  readonly #queue: Queue;
  readonly #limits: IngestLimits;
  /** Made once: in a flood the traces of thousands a second, which nobody reads, cost a twelfth of the process. */
  readonly #overloaded = new FragmentError('FRAGMENT_INGEST_OVERLOADED', { retryAfterSeconds: 1 });
  #waiting: Pending[] = [];
  #waitingEvents = 0;
  #waitingBytes = 0;
  #running = 0;
  #idle: (() => void)[] = [];

  constructor(store: Store, queue: Queue, limits: IngestLimits) {
    this.#store = store;
    this.#queue = queue;
    this.#limits = limits;
  }

  /**
   * Commits the events of one request in one piece.
   * @throws {FragmentError} FRAGMENT_INGEST_OVERLOADED when too much waits already; whatever the store throws.
   */
  commit(events: readonly PlannedEvent[]): Promise<readonly AppendOutcome[]> {
    let bytes = 0;
    for (const event of events) bytes += event.data.length;
    if (
      this.#waitingEvents > 0 &&
      (this.#waitingEvents + events.length > this.#limits.maxPendingEvents ||
        this.#waitingBytes + bytes > this.#limits.maxPendingBytes)
    ) {
      return Promise.reject(this.#overloaded);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ events, bytes, resolve, reject });
      this.#waitingEvents += events.length;
      this.#waitingBytes += bytes;
      this.#start();
    });
  }

  /** Resolves when nothing waits and nothing is on its way. */
  async drain(): Promise<void> {
    if (this.#running === 0 && this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #start(): void {
    if (this.#running >= this.#limits.concurrentCommits || this.#waiting.length === 0) return;
    this.#running += 1;
    void this.#flush(this.#take()).finally(() => {
      this.#running -= 1;
      this.#start();
      if (this.#running === 0) for (const resolve of this.#idle.splice(0)) resolve();
    });
  }

  #take(): Pending[] {
    let events = 0;
    let bytes = 0;
    let count = 0;
    for (const request of this.#waiting) {
      if (count > 0 && events + request.events.length > this.#limits.maxCommitEvents) break;
      if (count > 0 && bytes + request.bytes > MAX_COMMIT_BYTES) break;
      events += request.events.length;
      bytes += request.bytes;
      count += 1;
    }
    const taken = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#waitingEvents -= events;
    this.#waitingBytes -= bytes;
    return taken;
  }

  async #flush(requests: readonly Pending[]): Promise<void> {
    const events = requests.flatMap((request) => request.events);
    try {
      const outcomes = await this.#store.append(events);
      let from = 0;
      for (const request of requests) {
        request.resolve(outcomes.slice(from, from + request.events.length));
        from += request.events.length;
      }
      this.#queue.offer(refsOf(events, outcomes));
    } catch (error) {
      for (const request of requests) request.reject(error);
    }
  }
}

/**
 * One range per destination over the events that were newly stored: a hint that costs the queue one message however
 * many jobs there are. Jobs that are collected for later are left to the sweeper.
 */
export function refsOf(events: readonly PlannedEvent[], outcomes: readonly AppendOutcome[]): JobRef[] {
  const ranges = new Map<string, { destination: string; from: string; to: string }>();
  events.forEach((event, index) => {
    if (outcomes[index]?.outcome !== 'stored') return;
    for (const job of event.jobs) {
      if (job.dueAt !== undefined) continue;
      const range = ranges.get(job.destination);
      if (!range) ranges.set(job.destination, { destination: job.destination, from: event.id, to: event.id });
      else if (event.id < range.from) range.from = event.id;
      else if (event.id > range.to) range.to = event.id;
    }
  });
  return [...ranges.values()];
}

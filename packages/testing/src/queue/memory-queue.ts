import type { Clock, Consumer, JobRef, Queue } from '@fragment/core';

export interface MemoryQueueOptions {
  /** Share one between queues and they behave like processes on one broker. Default: its own. */
  readonly broker?: MemoryBroker;
  /** A reference for which this is true is lost, as a queue may. Default: none. */
  readonly drop?: (ref: JobRef) => boolean;
  /** A reference for which this is true arrives twice, as a queue may. Default: none. */
  readonly duplicate?: (ref: JobRef) => boolean;
  /** Measures delays. Default: the system's. */
  readonly clock?: Clock;
}

/** What the queues of several "processes" have in common. */
export interface MemoryBroker {
  /** The lane of a destination, made when first asked for. */
  lane(destination: string): MemoryLane;
}

interface MemoryLane {
  readonly waiting: JobRef[];
  readonly consumers: Set<MemoryConsumer>;
}

/** A broker in this process's memory. */
export function memoryBroker(): MemoryBroker {
  const lanes = new Map<string, MemoryLane>();
  return {
    lane(destination) {
      let lane = lanes.get(destination);
      if (lane === undefined) {
        lane = { waiting: [], consumers: new Set() };
        lanes.set(destination, lane);
      }
      return lane;
    },
  };
}

const systemClock: Clock = {
  now: () => Date.now(),
  setTimer: (fn, ms) => {
    const timer = setTimeout(fn, ms).unref();
    return { clear: () => clearTimeout(timer) };
  },
};

/** A queue in memory, for tests only: it passes the contract, and loses or repeats messages when told to. */
export function memoryQueue(options: MemoryQueueOptions = {}): Queue {
  const {
    broker = memoryBroker(),
    clock = systemClock,
    drop = () => false,
    duplicate = () => false,
  } = options;
  const consumers = new Set<MemoryConsumer>();
  const timers = new Set<{ clear(): void }>();
  let closed = false;

  const push = (ref: JobRef) => {
    const lane = broker.lane(ref.destination);
    lane.waiting.push(ref);
    wake(lane);
  };

  const later = (ref: JobRef, ms: number, due = clock.now() + ms) => {
    const timer = clock.setTimer(() => {
      timers.delete(timer);
      // A timer may run a millisecond before the clock says so, and never early is a promise.
      const early = due - clock.now();
      if (early > 0) later(ref, early, due);
      else push(ref);
    }, ms);
    timers.add(timer);
  };

  return {
    name: 'memory',
    migrate: () => Promise.resolve(),
    offer(refs, o = {}) {
      if (closed) return;
      const delayMs = o.delayMs ?? 0;
      for (const ref of refs) {
        if (drop(ref)) continue;
        for (const copy of duplicate(ref) ? [ref, ref] : [ref]) {
          if (delayMs > 0) later(copy, delayMs);
          else push(copy);
        }
      }
    },
    depth: (destination) => Promise.resolve(broker.lane(destination).waiting.length),
    consume(destination, o, fn): Consumer {
      const lane = broker.lane(destination);
      const consumer = new MemoryConsumer(lane, o.concurrency, fn);
      consumers.add(consumer);
      lane.consumers.add(consumer);
      wake(lane);
      return consumer;
    },
    ping: () => Promise.resolve(),
    async close() {
      closed = true;
      for (const timer of timers) timer.clear();
      await Promise.all([...consumers].map((consumer) => consumer.close()));
    },
  };
}

/** Hands waiting references to the consumers in turn. */
function wake(lane: MemoryLane): void {
  let given = true;
  while (given && lane.waiting.length > 0) {
    given = false;
    for (const consumer of lane.consumers) given = consumer.takeOne() || given;
  }
}

class MemoryConsumer implements Consumer {
  readonly #lane: MemoryLane;
  readonly #concurrency: number;
  readonly #fn: (ref: JobRef, signal: AbortSignal) => Promise<void>;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(
    lane: MemoryLane,
    concurrency: number,
    fn: (ref: JobRef, signal: AbortSignal) => Promise<void>,
  ) {
    this.#lane = lane;
    this.#concurrency = concurrency;
    this.#fn = fn;
  }

  takeOne(): boolean {
    if (this.#closing.signal.aborted || this.#running.size >= this.#concurrency) return false;
    const ref = this.#lane.waiting.shift();
    if (ref === undefined) return false;
    const call = this.#call(ref).finally(() => {
      this.#running.delete(call);
      wake(this.#lane);
    });
    this.#running.add(call);
    return true;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#lane.consumers.delete(this);
    await Promise.all(this.#running);
  }

  async #call(ref: JobRef): Promise<void> {
    // A broker never calls back while it is being offered something.
    await Promise.resolve();
    try {
      await this.#fn(ref, this.#closing.signal);
    } catch {
      // The message counts as done: the store knows what is left.
    }
  }
}

import type { Exchange, JobResult } from '../contracts/destination.js';
import type { Logger } from '../contracts/toolkit.js';
import { describeError } from '../platform/logger.js';

const NONE: ReadonlyMap<string, Exchange> = new Map();

/** Of the deliveries of one lane that succeed, those that keep what went over the wire: so many in every second. */
export class KeptExchanges {
  readonly #perSecond: number;
  readonly #logger: Logger;
  #second = Number.NaN;
  #left = 0;

  constructor(perSecond: number, logger: Logger) {
    this.#perSecond = perSecond;
    this.#logger = logger;
  }

  /**
   * Reads the exchanges that are to be kept of the results of one call, and of no others. Where there are more than this
   * second has left, they are spread over the call: its first jobs are as good an example as its last.
   * @param nowMs milliseconds since the epoch.
   * @returns exchanges by job.
   */
  of(results: ReadonlyMap<string, JobResult>, nowMs: number): ReadonlyMap<string, Exchange> {
    const left = this.#leftAt(nowMs);
    if (left <= 0) return NONE;
    const candidates = [...results.values()].filter(hasExchange);
    const count = Math.min(left, candidates.length);
    if (count === 0) return NONE;
    const kept = new Map<string, Exchange>();
    for (let n = 0; n < count; n += 1) {
      const result = candidates[Math.floor((n * candidates.length) / count)];
      const exchange = result && this.#read(result);
      if (exchange) kept.set(result.job, exchange);
    }
    this.#left -= kept.size;
    return kept;
  }

  #leftAt(nowMs: number): number {
    const second = Math.floor(nowMs / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#left = this.#perSecond;
    }
    return this.#left;
  }

  /** A copy, so that nothing is made or read later. What cannot be read is left out: the delivery has succeeded all the same. */
  #read(result: Succeeded): Exchange | undefined {
    try {
      return copyOf(result.exchange);
    } catch (error) {
      this.#logger.warn(
        { ...describeError(error), job: result.job },
        'what went over the wire could not be read',
      );
      return undefined;
    }
  }
}

type Succeeded = JobResult & { readonly outcome: 'succeeded' };

/** Asks only whether there is one: reading may be what makes it. */
const hasExchange = (result: JobResult): result is Succeeded =>
  result.outcome === 'succeeded' && 'exchange' in result;

/** Undefined when nothing is in it. */
function copyOf(exchange: Exchange | undefined): Exchange | undefined {
  if (!exchange) return undefined;
  const { status, request, response } = exchange;
  const copy = {
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof request === 'string' ? { request } : {}),
    ...(typeof response === 'string' ? { response } : {}),
  };
  return Object.keys(copy).length === 0 ? undefined : copy;
}

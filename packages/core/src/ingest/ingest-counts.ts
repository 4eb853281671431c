import type { IngestAnswer, IngestCount } from '../contracts/ingest.js';
import type { NoEvent, Source, Trigger } from '../contracts/source.js';
import { DurationCounts } from '../statistics/buckets.js';
import { isFragmentError } from '../errors/fragment-error.js';

type Fact = Pick<IngestCount, 'type' | 'result' | 'reason'>;

/** Types and reasons come from sources; what a careless one makes of them must not fill the memory. */
const MAX_COUNTS = 5_000;

/** Counts what came in, in this process: what metrics are made of. */
export class IngestCounts {
  /** From the receipt of a request to its commit. */
  readonly durations = new DurationCounts();
  readonly #counts = new Map<string, IngestCount>();

  answered(source: Source, trigger: Trigger, { event, outcome, batch }: IngestAnswer): void {
    const type = event.type ?? '';
    if (!batch) {
      if (outcome.outcome === 'refused')
        this.#add(source, trigger, { type, result: 'refused', reason: outcome.code });
      else if (outcome.outcome !== 'skipped') this.#add(source, trigger, { type, result: outcome.outcome });
      return;
    }
    for (const item of batch.events) this.#add(source, trigger, { type: item.type ?? '', result: 'stored' });
    this.#add(source, trigger, { type: '', result: 'duplicate' }, batch.duplicates);
    for (const item of batch.rejected) {
      this.#add(source, trigger, { type: item.type ?? '', result: 'refused', reason: item.code });
    }
  }

  ignored(source: Source, trigger: Trigger, { noEvent }: NoEvent): void {
    this.#add(source, trigger, { type: '', result: 'ignored', reason: noEvent });
  }

  failed(source: Source, trigger: Trigger, error: unknown): void {
    const status = isFragmentError(error) ? error.status : 500;
    const result = status === 429 ? 'overloaded' : status >= 500 ? 'unavailable' : 'refused';
    const reason = isFragmentError(error) ? error.code : 'FRAGMENT_HTTP_INTERNAL';
    this.#add(source, trigger, { type: '', result, reason });
  }

  all(): readonly IngestCount[] {
    return [...this.#counts.values()];
  }

  #add(source: Source, trigger: Trigger, { type, result, reason }: Fact, by = 1): void {
    if (by === 0) return;
    const key = `${source.name}\n${trigger.name}\n${type}\n${result}\n${reason ?? ''}`;
    const known = this.#counts.get(key);
    if (known) (known as { count: number }).count += by;
    else if (this.#counts.size < MAX_COUNTS) {
      const named = reason === undefined ? {} : { reason };
      this.#counts.set(key, {
        source: source.name,
        trigger: trigger.name,
        type,
        result,
        ...named,
        count: by,
      });
    }
  }
}

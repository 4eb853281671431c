import type { IngestAnswer, IngestCount } from '../contracts/ingest.js';
import type { NoEvent, Source, Trigger } from '../contracts/source.js';
import { DurationCounts } from '../statistics/buckets.js';
import { isFragmentError } from '../errors/fragment-error.js';

type Fact = Pick<IngestCount, 'type' | 'result' | 'reason'>;
type Tally = { -readonly [Key in keyof IngestCount]: IngestCount[Key] };

/** Of one trigger. Types and reasons come from sources; what a careless one makes of them must not fill the memory. */
const MAX_TALLIES = 200;

/**
 * Counts what came in, in this process: what metrics are made of. A trigger has a handful of facts, the common ones
 * first, and walking a short list costs a tenth of building a key for a map.
 */
export class IngestCounts {
  /** From the receipt of a request to its commit. */
  readonly durations = new DurationCounts();
  readonly #tallies = new Map<Source, Map<Trigger, Tally[]>>();

  answered(source: Source, trigger: Trigger, { event, outcome, batch }: IngestAnswer): void {
    const add = this.#adder(source, trigger);
    if (!batch) {
      const type = event.type ?? '';
      if (outcome.outcome === 'refused') add({ type, result: 'refused', reason: outcome.code });
      else if (outcome.outcome !== 'skipped') add({ type, result: outcome.outcome });
      return;
    }
    for (const item of batch.events) add({ type: item.type ?? '', result: 'stored' });
    if (batch.duplicates > 0) add({ type: '', result: 'duplicate' }, batch.duplicates);
    for (const { type = '', code } of batch.rejected) add({ type, result: 'refused', reason: code });
  }

  ignored(source: Source, trigger: Trigger, { noEvent }: NoEvent): void {
    this.#adder(source, trigger)({ type: '', result: 'ignored', reason: noEvent });
  }

  failed(source: Source, trigger: Trigger, error: unknown): void {
    const status = isFragmentError(error) ? error.status : 500;
    const result = status === 429 ? 'overloaded' : status >= 500 ? 'unavailable' : 'refused';
    const reason = isFragmentError(error) ? error.code : 'FRAGMENT_HTTP_INTERNAL';
    this.#adder(source, trigger)({ type: '', result, reason });
  }

  all(): readonly IngestCount[] {
    return [...this.#tallies.values()].flatMap((byTrigger) => [...byTrigger.values()].flat());
  }

  #adder(source: Source, trigger: Trigger): (fact: Fact, by?: number) => void {
    let byTrigger = this.#tallies.get(source);
    if (!byTrigger) this.#tallies.set(source, (byTrigger = new Map<Trigger, Tally[]>()));
    let tallies = byTrigger.get(trigger);
    if (!tallies) byTrigger.set(trigger, (tallies = []));
    const list = tallies;
    return (fact, by = 1) => {
      const known = list.find(
        ({ type, result, reason }) => type === fact.type && result === fact.result && reason === fact.reason,
      );
      if (known) known.count += by;
      else if (list.length < MAX_TALLIES) {
        list.push({ source: source.name, trigger: trigger.name, ...fact, count: by });
      }
    };
  }
}

import type { Route } from '../contracts/application.js';
import type { Extraction, PlannedEvent, RejectedItem } from '../contracts/events.js';
import type { IngestAnswer } from '../contracts/ingest.js';
import type { Queue } from '../contracts/queue.js';
import type {
  HttpTrigger,
  IncomingRequest,
  NoEvent,
  Source,
  Trigger,
  TriggerToolkit,
} from '../contracts/source.js';
import type { AppendOutcome, Store } from '../contracts/store.js';
import type { Clock, Logger } from '../contracts/toolkit.js';
import type { TraceResult, Tracing } from '../contracts/tracing.js';
import { pathsOf } from '../application/paths.js';
import { FragmentError, isFragmentError } from '../errors/fragment-error.js';
import { withDeadline } from '../platform/deadline.js';
import { toolkit } from '../platform/toolkit.js';
import { traced } from '../tracing/traced.js';
import { planFamily, type Family } from '../planning/events.js';
import type { Planner } from '../planning/plan.js';
import { refsOf, type GroupCommit } from './group-commit.js';
import type { IngestCounts } from './ingest-counts.js';
import type { RejectionLog } from './rejections.js';

/** Extraction may look things up, but a sender is waiting. */
const EXTRACT_TIMEOUT_MS = 10_000;

export interface IngestParts {
  readonly planner: Planner;
  readonly commit: GroupCommit;
  readonly rejections: RejectionLog;
  readonly counts: IngestCounts;
  readonly store: Store;
  readonly queue: Queue;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly tracing: Tracing | undefined;
}

interface Circumstances {
  readonly receivedAt: Date;
  readonly transaction?: unknown;
  readonly traceparent?: string | undefined;
}

/** From what came in to what is committed: extract, plan, commit, tell the queue. */
export class Ingest {
  readonly #parts: IngestParts;
  readonly #stopped = new AbortController();
  readonly #toolkits = new Map<Source, TriggerToolkit>();
  #stopping = false;

  constructor(parts: IngestParts) {
    this.#parts = parts;
  }

  accept(route: Route, request: IncomingRequest): Promise<IngestAnswer | NoEvent> {
    const { source, trigger } = route;
    const span = this.#parts.tracing?.ingest({
      source: source.name,
      trigger: trigger.name,
      request: { method: request.method, headers: request.headers, route: routeOf(trigger) },
    });
    return traced(span, () => this.#accept(route, request, span?.traceparent), traceOf);
  }

  ingest(
    source: Source,
    trigger: Trigger,
    extraction: Extraction,
    receivedAt: Date,
    transaction?: unknown,
  ): Promise<IngestAnswer> {
    const span = this.#parts.tracing?.ingest({ source: source.name, trigger: trigger.name });
    const keep = (): Promise<IngestAnswer> =>
      this.#keep(source, trigger, extraction, {
        receivedAt,
        transaction,
        traceparent: span?.traceparent,
      });
    return traced(span, keep, traceOf);
  }

  async #accept(
    route: Route,
    request: IncomingRequest,
    traceparent: string | undefined,
  ): Promise<IngestAnswer | NoEvent> {
    const { source, trigger } = route;
    const { counts, clock } = this.#parts;
    try {
      if (this.#stopping) throw new FragmentError('FRAGMENT_INGEST_STOPPING', { retryAfterSeconds: 5 });
      const extracted = await this.#extract(route, request);
      if ('data' in extracted) {
        const { receivedAt } = request;
        const answer = await this.#keep(source, trigger, extracted, { receivedAt, traceparent });
        counts.durations.add(clock.now() - receivedAt.getTime());
        return answer;
      }
      counts.ignored(source, trigger, extracted);
      return extracted;
    } catch (error) {
      counts.failed(source, trigger, error);
      throw error;
    }
  }

  async #keep(
    source: Source,
    trigger: Trigger,
    extraction: Extraction,
    { receivedAt, transaction, traceparent }: Circumstances,
  ): Promise<IngestAnswer> {
    const family = planFamily(this.#parts.planner, source, trigger, extraction, receivedAt, traceparent);
    const outcomes =
      family.events.length === 1 && extraction.subEvents
        ? [{ outcome: 'skipped' } as const]
        : await this.#store(family, transaction);
    const answer = answerOf(family, outcomes, extraction);
    this.#parts.counts.answered(source, trigger, answer);
    this.#keepRejected(source, trigger, answer);
    return answer;
  }

  /** Refuses new requests; resolves when everything that was let in is committed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#parts.commit.drain();
    await this.#parts.rejections.drain();
    this.#stopped.abort();
  }

  async #extract({ source, trigger }: Route, request: IncomingRequest): Promise<Extraction | NoEvent> {
    try {
      const result = trigger.extract(request, this.#toolkit(source));
      if (!(result instanceof Promise)) return result;
      return await withDeadline(this.#parts.clock, EXTRACT_TIMEOUT_MS, this.#stopped.signal, () => result);
    } catch (error) {
      if (isFragmentError(error) && error.rejection) {
        const { code, message, validations } = error.toBody();
        const item = { ...error.rejection, code, message, validations };
        this.#parts.rejections.add(source.name, trigger.name, request.receivedAt, [item]);
      }
      throw error;
    }
  }

  #toolkit(source: Source): TriggerToolkit {
    let kit = this.#toolkits.get(source);
    if (!kit) {
      const { logger, clock } = this.#parts;
      kit = toolkit(logger.child({ source: source.name }), clock, this.#stopped.signal);
      this.#toolkits.set(source, kit);
    }
    return kit;
  }

  async #store(family: Family, transaction: unknown): Promise<readonly AppendOutcome[]> {
    const { commit, store, queue } = this.#parts;
    if (transaction === undefined) return commit.commit(family.events);
    // The caller decides when this commits, so it cannot share a commit; nor may the queue hear of it before.
    let outcomes: readonly AppendOutcome[] = [];
    const committed = (): void => queue.offer(refsOf(family.events, outcomes));
    outcomes = await store.append(family.events, { transaction, committed });
    return outcomes;
  }

  #keepRejected(source: Source, trigger: Trigger, answer: IngestAnswer): void {
    const { rejections } = this.#parts;
    const at = answer.event.receivedAt;
    if (answer.batch) {
      if (answer.batch.rejected.length > 0)
        rejections.add(source.name, trigger.name, at, answer.batch.rejected);
    } else if (answer.outcome.outcome === 'refused') {
      const { code, message } = answer.outcome;
      rejections.add(source.name, trigger.name, at, [refusedItem(answer.event, code, message, undefined)]);
    }
  }
}

/** The path to show of a route. */
const routeOf = ({ route }: HttpTrigger): string => pathsOf(route)[0] ?? '/';

/** What a span tells of an answer: how it ended, never what was sent. */
function traceOf(answer: IngestAnswer | NoEvent): TraceResult {
  if ('noEvent' in answer) return { facts: { outcome: 'ignored' } };
  const { outcome, batch } = answer;
  if (!batch) return { facts: { outcome: outcome.outcome } };
  const { received, stored, duplicates, rejected } = batch;
  return { facts: { outcome: 'batch', received, stored, duplicates, rejected: rejected.length } };
}

const refusedItem = (
  event: { readonly messageId?: string; readonly type?: string; readonly data: string },
  code: string,
  message: string,
  index: number | undefined,
): RejectedItem => ({
  ...(index === undefined ? {} : { index }),
  ...(event.messageId === undefined ? {} : { messageId: event.messageId }),
  ...(event.type === undefined ? {} : { type: event.type }),
  code,
  message,
  data: event.data,
});

function answerOf(family: Family, outcomes: readonly AppendOutcome[], extraction: Extraction): IngestAnswer {
  const [event, ...items] = family.events;
  const [outcome, ...itemOutcomes] = outcomes;
  if (!event || !outcome) {
    throw new FragmentError('FRAGMENT_STORE_FAILED', { detail: 'It gave no outcome for an event.' });
  }
  if (!extraction.subEvents) return { event, outcome };
  const rejected: RejectedItem[] = [...(extraction.rejected ?? [])];
  const stored: PlannedEvent[] = [];
  let duplicates = 0;
  items.forEach((item, at) => {
    const itemOutcome = itemOutcomes[at];
    if (itemOutcome?.outcome === 'stored') stored.push(item);
    else if (itemOutcome?.outcome === 'duplicate') duplicates += 1;
    else if (itemOutcome?.outcome === 'refused') {
      rejected.push(refusedItem(item, itemOutcome.code, itemOutcome.message, family.indexes[at]));
    }
  });
  rejected.sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
  const received = items.length + (extraction.rejected?.length ?? 0);
  return { event, outcome, batch: { received, stored: stored.length, duplicates, rejected, events: stored } };
}

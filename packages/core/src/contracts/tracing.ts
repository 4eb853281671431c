import type { LeasedJob } from './destination.js';
import type { IncomingRequest } from './source.js';

/** Makes spans of what an application does, for whoever collects traces. Nothing of it may throw. */
export interface Tracing {
  /** Begins the span of what one trigger takes in. With the headers of a request, its sender's trace goes on in it. */
  ingest(o: {
    readonly source: string;
    readonly trigger: string;
    /** Absent for what comes in without a request. */
    readonly request?: Pick<IncomingRequest, 'method' | 'headers'> & { readonly route: string };
  }): TraceSpan;
  /** Begins the span of one call of `load`, linked to the spans in which the events of its jobs came in. */
  delivery(o: {
    readonly destination: string;
    readonly action: string;
    readonly jobs: readonly LeasedJob[];
  }): TraceSpan;
}

export interface TraceSpan {
  /** The span as W3C Trace Context writes it, kept with the event; undefined where it is not recorded. */
  readonly traceparent: string | undefined;
  /** Runs work inside the span: spans begun by it are children of this one. */
  run<T>(work: () => T): T;
  end(result: TraceResult): void;
}

export interface TraceResult {
  /** Names are below `fragment.`: `{ stored: 3 }` is told as `fragment.stored`. Never ids or what an event carries. */
  readonly facts?: Readonly<Record<string, string | number>>;
  /** The code of what went wrong. */
  readonly error?: string;
  /** Was it a fault of the sender? Its span then is no failure of ours. */
  readonly refused?: boolean;
}

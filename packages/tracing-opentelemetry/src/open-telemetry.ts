import type { LeasedJob, TraceResult, TraceSpan, Tracing } from '@fragment/core';
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Link,
  type Span,
  type TracerProvider,
} from '@opentelemetry/api';
import { spanContextOf, traceparentOf } from './traceparent.js';

export interface OpenTelemetryOptions {
  /** Default: the one your SDK has registered, also when it does so later. */
  readonly tracerProvider?: TracerProvider;
}

const NAME = '@fragment/tracing-opentelemetry';
/** What SDKs keep of a span's links by default. */
const MAX_LINKS = 128;

/**
 * Spans through the OpenTelemetry API, for the SDK that the host has set up; without one nothing is recorded.
 *
 * - `ingest <source>/<trigger>`: SERVER for a request, whose sender's trace goes on in it; INTERNAL without one.
 * - `deliver <destination>/<action>`: CLIENT, one per call of `load`, a trace of its own with a link to the span in which
 *   each of its events came in. What an action does inside it, its HTTP requests for instance, are its children.
 *
 * @see https://www.w3.org/TR/trace-context/ for what is kept with an event.
 */
export function openTelemetry({ tracerProvider }: OpenTelemetryOptions = {}): Tracing {
  const tracer = () => (tracerProvider ?? trace).getTracer(NAME);
  return {
    ingest({ source, trigger, request }) {
      const attributes = {
        'fragment.source': source,
        'fragment.trigger': trigger,
        ...(request && { 'http.request.method': request.method, 'http.route': request.route }),
      };
      const kind = request ? SpanKind.SERVER : SpanKind.INTERNAL;
      const parent = parentOf(request?.headers);
      return spanOf(tracer().startSpan(`ingest ${source}/${trigger}`, { kind, attributes }, parent), parent);
    },
    delivery({ destination, action, jobs }) {
      const attributes = {
        'fragment.destination': destination,
        'fragment.action': action,
        'fragment.jobs': jobs.length,
      };
      const options = { kind: SpanKind.CLIENT, attributes, links: linksOf(jobs) };
      return spanOf(
        tracer().startSpan(`deliver ${destination}/${action}`, options, ROOT_CONTEXT),
        ROOT_CONTEXT,
      );
    },
  };
}

/** A host that traces its requests itself has a span already; else the sender's goes on, as the headers tell it. */
function parentOf(headers: Readonly<Record<string, unknown>> | undefined): Context {
  const active = context.active();
  if (!headers || trace.getSpan(active)) return active;
  return propagation.extract(active, headers);
}

function linksOf(jobs: readonly LeasedJob[]): Link[] {
  const links = new Map<string, Link>();
  for (const { event } of jobs) {
    if (links.size === MAX_LINKS) break;
    if (event.traceparent === undefined || links.has(event.traceparent)) continue;
    const origin = spanContextOf(event.traceparent);
    if (origin) links.set(event.traceparent, { context: origin });
  }
  return [...links.values()];
}

function spanOf(span: Span, parent: Context): TraceSpan {
  const inside = trace.setSpan(parent, span);
  return {
    traceparent: traceparentOf(span.spanContext()),
    run: (work) => context.with(inside, work),
    end: (result) => end(span, result),
  };
}

/** A server's span of a request that was refused is no error: the sender's is. */
function end(span: Span, { facts = {}, error, refused = false }: TraceResult): void {
  for (const [name, value] of Object.entries(facts)) span.setAttribute(`fragment.${name}`, value);
  if (error !== undefined) span.setAttribute('error.type', error);
  if (error !== undefined && !refused) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
  span.end();
}

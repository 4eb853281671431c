import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LeasedJob } from '@fragment/core';
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type ContextManager,
  type TextMapPropagator,
} from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { openTelemetry } from './index.js';

/** What an SDK for Node brings along. */
class Contexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  active = (): Context => this.#storage.getStore() ?? ROOT_CONTEXT;
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    of: Context,
    fn: F,
    self?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(of, () => Reflect.apply(fn, self, args));
  }
  bind = <T>(_of: Context, target: T): T => target;
  enable = (): this => this;
  disable = (): this => this;
}

/** The part of the W3C propagator that a request needs. */
const w3c: TextMapPropagator<Record<string, string>> = {
  inject: () => undefined,
  fields: () => ['traceparent'],
  extract: (of, carrier) => {
    const [, traceId = '', spanId = ''] = (carrier['traceparent'] ?? '').split('-');
    return traceId === '' ? of : trace.setSpanContext(of, { traceId, spanId, traceFlags: 1, isRemote: true });
  },
};

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const SENT = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

beforeEach(() => {
  context.setGlobalContextManager(new Contexts());
  propagation.setGlobalPropagator(w3c);
});
afterEach(() => {
  exporter.reset();
  context.disable();
  propagation.disable();
  trace.disable();
});

const jobWith = (traceparent?: string): LeasedJob =>
  ({ event: { id: 'e', ...(traceparent === undefined ? {} : { traceparent }) } }) as LeasedJob;
const request = (traceparent?: string) => ({
  method: 'POST',
  route: '/v1/track',
  headers: traceparent === undefined ? {} : { traceparent },
});

describe('spans of what comes in', () => {
  it("goes on in the sender's trace, and is told of as it will be stored", () => {
    const span = openTelemetry({ tracerProvider: provider }).ingest({
      source: 'rest',
      trigger: 'track',
      request: request(`00-${SENT.traceId}-${SENT.spanId}-01`),
    });
    span.end({ facts: { outcome: 'stored' } });
    const [made] = exporter.getFinishedSpans();
    expect(made).toMatchObject({
      name: 'ingest rest/track',
      kind: SpanKind.SERVER,
      parentSpanContext: { spanId: SENT.spanId },
      attributes: {
        'fragment.source': 'rest',
        'fragment.trigger': 'track',
        'http.request.method': 'POST',
        'http.route': '/v1/track',
        'fragment.outcome': 'stored',
      },
      status: { code: SpanStatusCode.UNSET },
    });
    expect(span.traceparent).toBe(`00-${SENT.traceId}-${made?.spanContext().spanId ?? ''}-01`);
  });

  it("is a child of the host's own span, whatever the headers say", () => {
    const host = provider.getTracer('host').startSpan('request');
    context.with(trace.setSpan(ROOT_CONTEXT, host), () => {
      const o = {
        source: 'rest',
        trigger: 'track',
        request: request(`00-${SENT.traceId}-${SENT.spanId}-01`),
      };
      openTelemetry({ tracerProvider: provider }).ingest(o).end({});
    });
    expect(exporter.getFinishedSpans()[0]?.parentSpanContext?.spanId).toBe(host.spanContext().spanId);
  });

  it('has the spans of its work as children', async () => {
    const span = openTelemetry({ tracerProvider: provider }).ingest({ source: 'rest', trigger: 'tick' });
    await span.run(async () => {
      await Promise.resolve();
      provider.getTracer('plugin').startSpan('lookup').end();
    });
    span.end({});
    const [lookup, ingest] = exporter.getFinishedSpans();
    expect(ingest?.kind).toBe(SpanKind.INTERNAL);
    expect(lookup?.parentSpanContext?.spanId).toBe(ingest?.spanContext().spanId);
  });

  it.each([
    ['a fault of ours is an error', { error: 'FRAGMENT_STORE_UNAVAILABLE' }, SpanStatusCode.ERROR],
    ["a sender's is none", { error: 'FRAGMENT_INGEST_INVALID', refused: true }, SpanStatusCode.UNSET],
  ])('%s', (_name, result, code) => {
    openTelemetry({ tracerProvider: provider }).ingest({ source: 's', trigger: 't' }).end(result);
    const [made] = exporter.getFinishedSpans();
    expect(made?.status.code).toBe(code);
    expect(made?.attributes['error.type']).toBe(result.error);
  });

  it('keeps nothing of a span that nobody records', () => {
    const off = new BasicTracerProvider({ sampler: new AlwaysOffSampler() });
    const o = { source: 's', trigger: 't' };
    expect(openTelemetry({ tracerProvider: off }).ingest(o).traceparent).toBeUndefined();
    expect(openTelemetry().ingest(o).traceparent).toBeUndefined();
  });

  it('finds an SDK that was registered later', () => {
    const tracing = openTelemetry();
    trace.setGlobalTracerProvider(provider);
    tracing.ingest({ source: 's', trigger: 't' }).end({});
    expect(exporter.getFinishedSpans()).toHaveLength(1);
  });
});

describe('spans of deliveries', () => {
  it('links the span of each event once, and leaves out what is not one', () => {
    const origin = `00-${SENT.traceId}-${SENT.spanId}-01`;
    const jobs = [origin, origin, undefined, '00-nonsense', `00-${'0'.repeat(32)}-${SENT.spanId}-01`].map(
      jobWith,
    );
    const span = openTelemetry({ tracerProvider: provider }).delivery({
      destination: 'crm',
      action: 'track',
      jobs,
    });
    span.end({ facts: { succeeded: 4, failed: 1 }, error: 'timeout' });
    const [made] = exporter.getFinishedSpans();
    expect(made).toMatchObject({
      name: 'deliver crm/track',
      kind: SpanKind.CLIENT,
      attributes: { 'fragment.destination': 'crm', 'fragment.jobs': 5, 'fragment.succeeded': 4 },
      status: { code: SpanStatusCode.ERROR, message: 'timeout' },
    });
    expect(made?.links.map((link) => link.context.spanId)).toEqual([SENT.spanId]);
    expect(made?.parentSpanContext).toBeUndefined();
  });

  it('links no more spans than are kept', () => {
    const jobs = Array.from({ length: 200 }, (_, n) =>
      jobWith(`00-${SENT.traceId}-${(n + 1).toString(16).padStart(16, '0')}-01`),
    );
    openTelemetry({ tracerProvider: provider }).delivery({ destination: 'd', action: 'a', jobs }).end({});
    expect(exporter.getFinishedSpans()[0]?.links).toHaveLength(128);
  });
});

import type { TraceResult, TraceSpan } from '../contracts/tracing.js';
import { isFragmentError } from '../errors/fragment-error.js';

/** Runs work inside a span, where there is one, and ends the span with what came of it. */
export function traced<T>(
  span: TraceSpan | undefined,
  work: () => Promise<T>,
  resultOf: (value: T) => TraceResult,
): Promise<T> {
  return span ? inside(span, work, resultOf) : work();
}

async function inside<T>(
  span: TraceSpan,
  work: () => Promise<T>,
  resultOf: (value: T) => TraceResult,
): Promise<T> {
  try {
    const value = await span.run(work);
    span.end(resultOf(value));
    return value;
  } catch (error) {
    const result = isFragmentError(error)
      ? { error: error.code, refused: error.status < 500 }
      : { error: 'FRAGMENT_HTTP_INTERNAL' };
    span.end(result);
    throw error;
  }
}

import {
  errorRegistry,
  type DeliveryError,
  type ErrorCode,
  type Exchange,
  type FailureAdvice,
  type JobResult,
} from '@fragment/core';
import { exchangeOf, readExchange, type Share } from './share.js';
import type { HttpAnswer, HttpReply } from './types.js';

/** What an answer means for the jobs a request was made for. */
export type Verdict =
  | { readonly outcome: 'succeeded'; readonly exchange?: Exchange }
  | ({ readonly outcome: 'failed'; readonly error: DeliveryError } & FailureAdvice)
  | { readonly outcome: 'discarded'; readonly error: DeliveryError }
  /** Too large: send it in halves. What cannot be halved is discarded with this error. */
  | { readonly outcome: 'split'; readonly error: DeliveryError };

/** A verdict that can be the result of a job. */
export type JobVerdict = Exclude<Verdict, { readonly outcome: 'split' }>;

/** What one status means to one vendor. `retryAfterMs` stands in where the answer has no `Retry-After`. */
export interface VerdictRule extends FailureAdvice {
  readonly outcome: Verdict['outcome'];
  /** Default: by the outcome. */
  readonly code?: ErrorCode;
  /** A sentence a person can act on. Default: the code's own, with the status. */
  readonly message?: string;
}

/** A vendor's own rules by status; they win over the defaults. */
export type VerdictTable = Readonly<Record<number, VerdictRule>>;

/** A vendor that says "at once" is asked again after this: such a wait counts as no attempt and would never end. */
const MIN_RETRY_AFTER_MS = 1000;

const RETRIED = new Set([408, 423, 425, 429]);
const NEVER_RETRIED = new Set([501, 505]);

/**
 * Reads an answer by its status. 2xx succeeded; 408, 423, 425, 429, 5xx except 501 and 505, and failures of the network
 * are tried again; 413 splits; 3xx, which nobody follows, is tried again, as it is the endpoint's configuration that is
 * wrong; everything else is discarded. 429 concerns the whole lane. `Retry-After` becomes `retryAfterMs`. With it goes what was
 * sent and what came back, as for a job that has the request to itself; of one that several share, `verdictFor` says it.
 */
export function classify(reply: HttpReply, table: VerdictTable = {}): Verdict {
  if (reply.kind === 'failure') return { outcome: 'failed', error: reply.error };
  const { outcome, code, message, ...advice } = table[reply.status] ?? defaultRule(reply);
  if (outcome === 'succeeded') return { outcome, exchange: exchangeOf(reply) };
  const chosen = code ?? codeFor(outcome, reply.status, advice);
  const error = deliveryError(reply, {
    code: chosen,
    message: message ?? `${errorRegistry[chosen].message} It answered ${String(reply.status)}.`,
  });
  if (outcome !== 'failed') return { outcome, error };
  const waitMs = reply.retryAfterMs ?? advice.retryAfterMs;
  return {
    outcome,
    error,
    ...advice,
    ...(waitMs !== undefined && { retryAfterMs: Math.max(MIN_RETRY_AFTER_MS, waitMs) }),
  };
}

function defaultRule({ status, headers }: HttpAnswer): VerdictRule {
  if (status >= 200 && status < 300) return { outcome: 'succeeded' };
  if (status === 413) return { outcome: 'split' };
  if (status === 429) return { outcome: 'failed', scope: 'lane' };
  if (status >= 300 && status < 400) {
    const where = redirectTarget(headers['location']);
    return {
      outcome: 'failed',
      message: `The destination answered with a redirect (${String(status)})${where}, which is not followed: check its endpoint.`,
    };
  }
  const retried = RETRIED.has(status) || (status >= 500 && !NEVER_RETRIED.has(status));
  return { outcome: retried ? 'failed' : 'discarded' };
}

/** Where a redirect leads, for the one who has to correct the endpoint; without credentials and query. */
function redirectTarget(location: string | undefined): string {
  if (location === undefined || location === '') return '';
  const url = URL.canParse(location) ? new URL(location) : undefined;
  const target = url ? `${url.protocol}//${url.host}${url.pathname}` : (location.split(/[?#]/)[0] ?? '');
  return ` to ${target.slice(0, 200)}`;
}

function codeFor(outcome: Verdict['outcome'], status: number, advice: FailureAdvice): ErrorCode {
  if (outcome === 'split') return 'FRAGMENT_DELIVERY_TOO_LARGE';
  if (outcome === 'discarded') return 'FRAGMENT_DELIVERY_REJECTED';
  if (advice.hold === 'credentials') return 'FRAGMENT_DELIVERY_CREDENTIALS';
  return status === 429 ? 'FRAGMENT_DELIVERY_THROTTLED' : 'FRAGMENT_DELIVERY_UNAVAILABLE';
}

/**
 * Describes a reply that was not a success, with status and excerpts. The message is masked, so a sentence of the vendor
 * may stand in it. Default code: FRAGMENT_DELIVERY_REJECTED for an answer, the failure's own for a failure.
 */
export function deliveryError(
  reply: HttpReply,
  o: { readonly code?: string; readonly message: string },
): DeliveryError {
  const message = reply.mask?.(o.message) ?? o.message;
  if (reply.kind === 'failure')
    return { ...reply.error, ...(o.code !== undefined && { code: o.code }), message };
  return { code: o.code ?? 'FRAGMENT_DELIVERY_REJECTED', message, ...readExchange(reply) };
}

/**
 * The verdict on a request that several jobs shared, as one of them may keep it: with its own share of what was sent and
 * what came back, and nothing of the others'. Its message stays as it is, so let no sentence of the vendor into one that
 * goes to several jobs. `split` becomes `discarded`.
 */
export function verdictFor(verdict: Verdict, reply: HttpReply, share: Share): JobVerdict {
  const final = finalVerdict(verdict);
  if (final.outcome === 'succeeded') return { ...final, exchange: exchangeOf(reply, share) };
  const { code, message } = final.error;
  return { ...final, error: { code, message, ...readExchange(reply, share) } };
}

/**
 * The verdict for a job that was not sent any more, because the answer to another one's request goes for it too: without
 * what was sent and what came back.
 */
export function withoutExchange(verdict: Verdict): JobVerdict {
  const final = finalVerdict(verdict);
  if (final.outcome === 'succeeded') return { outcome: 'succeeded' };
  const { code, message, status } = final.error;
  return { ...final, error: { code, message, ...(status !== undefined && { status }) } };
}

/** What cannot be split any more is refused for good. */
export function finalVerdict(verdict: Verdict): JobVerdict {
  return verdict.outcome === 'split' ? { outcome: 'discarded', error: verdict.error } : verdict;
}

/** The verdict as the result of one job. `split` becomes `discarded`: one job cannot be sent in halves. */
export function resultFor(jobId: string, verdict: Verdict): JobResult {
  return { job: jobId, ...finalVerdict(verdict) };
}

import {
  classify,
  deliveryError,
  type HttpAnswer,
  type HttpReply,
  type Verdict,
  type VerdictRule,
  type VerdictTable,
} from '@fragment/http-client';
import type { Contact } from '../mapping/contact.js';
import { fieldsOf, isFields, textOf } from '../mapping/read.js';
import type { Problem } from '../vendor.js';

/** A verdict that can be the result of a job. */
export type JobVerdict = Exclude<Verdict, { readonly outcome: 'split' }>;

/** Send it once more: without these merge fields, or just so. */
export interface Repair {
  readonly outcome: 'repair';
  readonly withoutTags: ReadonlySet<string>;
  readonly skipMergeValidation: boolean;
  /** What becomes of the job when there is nothing to repair, or it did not help. */
  readonly otherwise: JobVerdict;
}

const longWaitMs = 60 * 60 * 1000;
const edgeWaitMs = 30_000;
const shortWaitMs = 3000;

/** Where the status says it all; the rest is http-client's default. */
const statusTable: VerdictTable = {
  401: {
    outcome: 'failed',
    hold: 'credentials',
    message:
      'Mailchimp refused the API key: check `apiKey` and `datacenterId`, as a key works in its own datacenter only.',
  },
  // The limit is the key's, not the contact's.
  429: {
    outcome: 'failed',
    scope: 'lane',
    retryAfterMs: shortWaitMs,
    message:
      'Mailchimp has too many connections of this API key: lower `concurrency`, or use the key for nothing else.',
  },
};

/** Reads an answer to an upsert. */
export function readUpsert(reply: HttpReply, contact: Contact): JobVerdict | Repair {
  if (reply.kind === 'answer' && reply.status === 400) return readRefusal(reply, contact);
  if (reply.kind === 'answer' && reply.status === 404) return readMissingAudience(reply, contact);
  return readStatus(reply);
}

/** Reads an answer to a member event. */
export function readMemberEvent(reply: HttpReply, contact: Contact): JobVerdict {
  if (reply.kind === 'answer' && reply.status === 404 && problemOf(reply))
    return rejected(
      reply,
      'The contact is not a member of the audience, so it can have no events: identify comes first.',
    );
  if (reply.kind === 'answer' && reply.status === 400) return rejected(reply, sentence(reply, contact));
  return readStatus(reply);
}

/** What the status says whatever was asked. */
function readStatus(reply: HttpReply): JobVerdict {
  const verdict = classify(reply, { ...statusTable, ...(reply.kind === 'answer' && edgeTable(reply)) });
  return verdict.outcome === 'split' ? { ...verdict, outcome: 'discarded' } : verdict;
}

/** A status that means one thing with a problem of the API, another when the edge in front of it answers in HTML. */
function edgeTable(reply: HttpAnswer): VerdictTable {
  const problem = problemOf(reply);
  if (!problem) return { 403: throttledByEdge, 404: throttledByEdge, 503: throttledByEdge };
  return {
    403: {
      outcome: 'failed',
      hold: 'credentials',
      retryAfterMs: longWaitMs,
      message: `Mailchimp refused the account: ${problem.title}. ${problem.detail}`,
    },
  };
}

const throttledByEdge: VerdictRule = {
  outcome: 'failed',
  scope: 'lane',
  retryAfterMs: edgeWaitMs,
  code: 'FRAGMENT_DELIVERY_THROTTLED',
};

/** 404 to an upsert: the audience is gone, or, without a problem, one contact was written to many times at once. */
function readMissingAudience(reply: HttpAnswer, contact: Contact): JobVerdict {
  if (!problemOf(reply))
    return unavailable(reply, 'Mailchimp did not find the contact for a moment.', shortWaitMs);
  if (contact.audienceOfMessage)
    return unavailable(
      reply,
      `There is no audience ${contact.audienceId}, which the message names as listId.`,
    );
  return {
    outcome: 'failed',
    hold: 'credentials',
    error: deliveryError(reply, {
      code: 'FRAGMENT_DELIVERY_CREDENTIALS',
      message: `There is no audience ${contact.audienceId}: check \`audienceId\`.`,
    }),
  };
}

/** 400: what the title and the detail say of the contact. */
function readRefusal(reply: HttpAnswer, contact: Contact): JobVerdict | Repair {
  const problem = problemOf(reply);
  const otherwise = rejected(reply, sentence(reply, contact));
  // The one refusal that heals: a guard of the address against floods of sign-ups.
  if (/lots? of lists very recently/i.test(problem?.detail ?? ''))
    return unavailable(reply, sentence(reply, contact), longWaitMs);
  // Our hash is the address's, so somebody else has added it between lookup and write. The repeat finds it.
  if (problem?.title === 'Member Exists')
    return { outcome: 'repair', withoutTags: new Set(), skipMergeValidation: false, otherwise };
  if (!problem || !/merge fields were invalid/i.test(problem.detail)) return otherwise;
  const missing = problem.errors.filter(({ message }) => /please enter a value/i.test(message));
  const wrong = problem.errors.filter((error) => !missing.includes(error)).map(({ field }) => tagOf(field));
  if (problem.errors.length === 0) return otherwise;
  return {
    outcome: 'repair',
    withoutTags: new Set(wrong),
    skipMergeValidation: missing.length > 0,
    otherwise,
  };
}

/** `FNAME`, or `merge_fields.FNAME`. */
const tagOf = (field: string): string => field.slice(field.lastIndexOf('.') + 1);

function rejected(reply: HttpAnswer, message: string): JobVerdict {
  return {
    outcome: 'discarded',
    error: deliveryError(reply, { code: 'FRAGMENT_DELIVERY_REJECTED', message }),
  };
}

function unavailable(reply: HttpAnswer, message: string, retryAfterMs?: number): JobVerdict {
  const error = deliveryError(reply, { code: 'FRAGMENT_DELIVERY_UNAVAILABLE', message });
  return { outcome: 'failed', error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Mailchimp's own words, without the address: it stands in the event. */
function sentence(reply: HttpAnswer, { address }: Contact): string {
  const problem = problemOf(reply);
  if (!problem) return 'Mailchimp refused the contact and gave no reason.';
  const fields = problem.errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
  const words = [`${problem.title}: ${problem.detail}`, fields].filter((part) => part !== '').join(' ');
  return `Mailchimp refused the contact. ${words}`.replaceAll(address, 'The address');
}

/** undefined for anything that is not a problem of the API: an HTML page, an empty body. */
function problemOf(reply: HttpAnswer): Problem | undefined {
  const { title, detail, errors } = fieldsOf(reply.json);
  const named = textOf(title);
  if (named === undefined) return undefined;
  const list = Array.isArray(errors) ? errors.filter(isFields) : [];
  return {
    title: named,
    detail: textOf(detail) ?? '',
    errors: list.map(({ field, message }) => ({
      field: textOf(field) ?? '',
      message: textOf(message) ?? '',
    })),
  };
}

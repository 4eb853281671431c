import {
  classify,
  deliveryError,
  finalVerdict,
  type HttpAnswer,
  type HttpReply,
  type JobVerdict,
  type VerdictRule,
  type VerdictTable,
} from '@fragment/http-client';
import type { Contact } from '../mapping/contact.js';
import { isTooManyLists, problemOf, sentence, wordsOf } from './problem.js';

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
  // The limit is the account's, not the contact's.
  429: {
    outcome: 'failed',
    scope: 'lane',
    retryAfterMs: shortWaitMs,
    message:
      'Mailchimp has too many connections of this account: lower `concurrency`, or leave the account to it alone.',
  },
};

/** Reads an answer to an upsert. */
export function readUpsert(reply: HttpReply, contact: Contact): JobVerdict | Repair {
  if (reply.kind === 'answer' && reply.status === 400) return readRefusal(reply, contact);
  if (reply.kind === 'answer' && reply.status === 404) return readMissingAudience(reply, contact);
  return readStatus(reply);
}

/** Reads an answer to tags of a contact that has just been written. */
export function readTags(reply: HttpReply, contact: Contact): JobVerdict {
  if (reply.kind === 'answer' && reply.status === 404) return missedContact(reply);
  return readRefusalOrStatus(reply, contact);
}

/** Reads an answer to a member event. */
export function readMemberEvent(reply: HttpReply, contact: Contact): JobVerdict {
  if (reply.kind === 'answer' && reply.status === 404)
    return problemOf(reply)
      ? rejected(
          reply,
          'The contact is not a member of the audience, so it can have no events: identify comes first.',
        )
      : missedContact(reply);
  return readRefusalOrStatus(reply, contact);
}

function readRefusalOrStatus(reply: HttpReply, { address }: Contact): JobVerdict {
  return reply.kind === 'answer' && reply.status === 400
    ? rejected(reply, sentence(wordsOf(problemOf(reply)), address))
    : readStatus(reply);
}

/** What the status says whatever was asked. */
export function readStatus(reply: HttpReply): JobVerdict {
  return finalVerdict(classify(reply, { ...statusTable, ...(reply.kind === 'answer' && edgeTable(reply)) }));
}

/** A status that means one thing with a problem of the API, another when the edge in front of it answers in HTML. */
function edgeTable(reply: HttpAnswer): VerdictTable {
  const problem = problemOf(reply);
  if (!problem) return { 403: throttledByEdge, 503: throttledByEdge };
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

/** 404 where only the audience can be missing. */
export function readMissingAudience(
  reply: HttpAnswer,
  { audienceId, audienceOfMessage }: Contact,
): JobVerdict {
  if (!problemOf(reply)) return missedContact(reply);
  if (audienceOfMessage)
    return unavailable(reply, `There is no audience ${audienceId}, which the message names as listId.`);
  return {
    outcome: 'failed',
    hold: 'credentials',
    error: deliveryError(reply, {
      code: 'FRAGMENT_DELIVERY_CREDENTIALS',
      message: `There is no audience ${audienceId}: check \`audienceId\`.`,
    }),
  };
}

/** 404 without a problem: one contact was written to from several sides at once. */
const missedContact = (reply: HttpAnswer): JobVerdict =>
  unavailable(reply, 'Mailchimp did not find the contact for a moment.', shortWaitMs);

/** 400: what the title and the detail say of the contact. */
function readRefusal(reply: HttpAnswer, { address }: Contact): JobVerdict | Repair {
  const problem = problemOf(reply);
  const words = wordsOf(problem);
  const otherwise = refused(reply, words, address);
  // Our hash is the address's, so somebody else has added it between lookup and write. The repeat finds it.
  if (problem?.title === 'Member Exists')
    return { outcome: 'repair', withoutTags: new Set(), skipMergeValidation: false, otherwise };
  if (!problem || problem.errors.length === 0 || !/merge fields were invalid/i.test(problem.detail))
    return otherwise;
  const missing = problem.errors.filter(({ message }) => /please enter a value/i.test(message));
  const wrong = problem.errors.filter((error) => !missing.includes(error));
  return {
    outcome: 'repair',
    withoutTags: new Set(wrong.map(({ field }) => tagOf(field))),
    skipMergeValidation: missing.length > 0,
    otherwise,
  };
}

/** `FNAME`, or `merge_fields.FNAME`. */
const tagOf = (field: string): string => field.slice(field.lastIndexOf('.') + 1);

/** A contact that was refused in these words: for good, but for the one refusal that heals. */
export function refused(reply: HttpAnswer, words: string, address: string): JobVerdict {
  const message = sentence(words, address);
  return isTooManyLists(words) ? unavailable(reply, message, longWaitMs) : rejected(reply, message);
}

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

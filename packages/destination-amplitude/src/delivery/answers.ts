import type { FailureAdvice } from '@fragment/core';
import {
  classify,
  deliveryError,
  finalVerdict,
  type HttpAnswer,
  type HttpReply,
  type JobVerdict,
  type Verdict,
  type VerdictTable,
} from '@fragment/http-client';
import { fieldsOf, textOf } from '../mapping/read.js';
import { quotaMs, throttleMs, type ErrorAnswer } from '../vendor.js';
import type { Entry } from './entry.js';
import { sent, type Fate } from './fate.js';

/** What an answer means for the events of its request. */
export interface Reading {
  /** Events whose fate is known. */
  readonly settled: ReadonlyMap<Entry, Fate>;
  /** Requests to make at once: those not at fault, which were not ingested either, or halves. */
  readonly again: readonly (readonly Entry[])[];
  /** Nothing more can be delivered now. */
  readonly stop?: Verdict;
}

const wrongEndpoint = {
  outcome: 'failed',
  hold: 'credentials',
  message: 'There is no Amplitude API at this endpoint: check `endpoint` and `region`.',
} as const;
const wrongKey = {
  outcome: 'failed',
  hold: 'credentials',
  message:
    'Amplitude refused the API key: check `apiKey`, and `region`, as a key works in its own region only.',
} as const;

/** Where the status says it all; the rest is http-client's default. */
export const statusTable: VerdictTable = {
  401: wrongKey,
  403: wrongKey,
  404: wrongEndpoint,
  405: wrongEndpoint,
  414: wrongEndpoint,
  429: {
    outcome: 'failed',
    scope: 'lane',
    retryAfterMs: throttleMs,
    message: 'Amplitude asks the whole project to slow down.',
  },
};

/** Reads an answer of HTTP V2 (or the lack of one). `entries` are the events of that request, in its order. */
export function readAnswer(reply: HttpReply, entries: readonly Entry[]): Reading {
  const named = namedIn(reply, entries);
  if (named.size > 0) {
    const others = entries.filter((entry) => !named.has(entry));
    return { settled: named, again: others.length > 0 ? [others] : [] };
  }
  const verdict = judge(reply);
  const refused = verdict.outcome === 'split' || verdict.outcome === 'discarded';
  if (refused && entries.length > 1) return { settled: new Map(), again: halves(entries) };
  const fate = sent(finalVerdict(verdict), { reply, entries: new Set(entries) });
  return {
    settled: new Map(entries.map((entry) => [entry, fate])),
    again: [],
    ...(verdict.outcome === 'failed' && { stop: verdict }),
  };
}

function halves(entries: readonly Entry[]): Entry[][] {
  const middle = Math.ceil(entries.length / 2);
  return [entries.slice(0, middle), entries.slice(middle)];
}

/** The request as a whole. */
function judge(reply: HttpReply): Verdict {
  if (reply.kind === 'failure') return classify(reply);
  if (reply.status !== 400) return classify(reply, statusTable);
  return (
    refusedKey(reply) ??
    classify(reply, { 400: { outcome: 'discarded', message: refusal(sentenceOf(reply)) } })
  );
}

/** A refused key: the operator's fault, never the event's. The vendor's text repeats the key, so ours stands instead. */
export function refusedKey(reply: HttpAnswer): Verdict | undefined {
  const { error, missing_field: field } = fieldsOf(reply.json) as ErrorAnswer;
  const refused =
    reply.status === 400 && (field === 'api_key' || /invalid.api.key/i.test(textOf(error) ?? reply.text));
  if (!refused) return undefined;
  const { outcome, hold, message } = wrongKey;
  return { outcome, hold, error: deliveryError(reply, { code: 'FRAGMENT_DELIVERY_CREDENTIALS', message }) };
}

export function sentenceOf(reply: HttpAnswer): string | undefined {
  const { error, missing_field: field } = fieldsOf(reply.json) as ErrorAnswer;
  const sentence = textOf(error);
  return sentence !== undefined && textOf(field) !== undefined ? `${sentence} ${String(field)}` : sentence;
}

const refusal = (sentence = 'it gave no reason'): string => `Amplitude refused the event: ${sentence}.`;

/** The three maps of field to indices, and what they say. */
const refusalLists = {
  events_with_missing_fields: (field: string) => `${field} is missing`,
  events_with_invalid_fields: (field: string) => `${field} is not valid`,
  events_with_invalid_id_lengths: (field: string) => `${field} is too short`,
} as const;

/** The events that the answer names, by index, user or device. The first thing said of an event counts. */
function namedIn(reply: HttpReply, entries: readonly Entry[]): Map<Entry, Fate> {
  const fates = new Map<Entry, Fate>();
  if (reply.kind !== 'answer' || (reply.status !== 400 && reply.status !== 429)) return fates;
  const answer = fieldsOf(reply.json) as ErrorAnswer;
  const exchanged = { reply, entries: new Set(entries) };
  const name = (list: keyof ErrorAnswer, found: readonly Named[], verdict: JobVerdict): void =>
    found
      .filter(({ entry }) => !fates.has(entry))
      .forEach(({ entry, as }) => fates.set(entry, sent(verdict, exchanged, { [list]: as })));

  for (const [list, say] of Object.entries(refusalLists) as [keyof typeof refusalLists, Say][])
    for (const [field, indices] of Object.entries(fieldsOf(answer[list]))) {
      const error = deliveryError(reply, { message: refusal(say(field)) });
      const found = at(entries, indices).map(({ entry, as }) => ({ entry, as: { [field]: as } }));
      name(list, found, { outcome: 'discarded', error });
    }

  const error = deliveryError(reply, {
    message: 'Amplitude silences this event or its device: it was blocked there.',
  });
  name('silenced_events', at(entries, answer.silenced_events), { outcome: 'discarded', error });
  name('silenced_devices', of(entries, 'device_id', answer.silenced_devices), {
    outcome: 'discarded',
    error,
  });

  const quota = pause(reply, quotaMs, 'Amplitude takes no more events of this user or device today.');
  name('exceeded_daily_quota_users', of(entries, 'user_id', answer.exceeded_daily_quota_users), quota);
  name('exceeded_daily_quota_devices', of(entries, 'device_id', answer.exceeded_daily_quota_devices), quota);

  const throttled = pause(reply, throttleMs, 'Amplitude asks to slow down for this user or device.');
  name('throttled_events', at(entries, answer.throttled_events), throttled);
  name('throttled_users', of(entries, 'user_id', answer.throttled_users), throttled);
  name('throttled_devices', of(entries, 'device_id', answer.throttled_devices), throttled);
  return fates;
}

/** An event, and how the answer names it: its index in a list, or its id. */
interface Named {
  readonly entry: Entry;
  readonly as: unknown;
}

type Say = (field: string) => string;

function pause(reply: HttpAnswer, waitMs: number, message: string): JobVerdict {
  const advice: FailureAdvice = { retryAfterMs: Math.max(waitMs, reply.retryAfterMs ?? 0), scope: 'user' };
  return {
    outcome: 'failed',
    error: deliveryError(reply, { code: 'FRAGMENT_DELIVERY_THROTTLED', message }),
    ...advice,
  };
}

function at(entries: readonly Entry[], indices: unknown): Named[] {
  if (!Array.isArray(indices)) return [];
  return indices.flatMap((index) => {
    const entry = typeof index === 'number' ? entries[index] : undefined;
    return entry ? [{ entry, as: [index] }] : [];
  });
}

/** Events whose id is in a list, or among the keys of a map of id to rate. */
function of(entries: readonly Entry[], field: 'user_id' | 'device_id', ids: unknown): Named[] {
  const listed = new Set(Array.isArray(ids) ? ids : Object.keys(fieldsOf(ids)));
  return entries.flatMap((entry) => {
    const id = entry.event[field];
    return listed.has(id) ? [{ entry, as: [id] }] : [];
  });
}

import {
  verdictFor,
  withoutExchange,
  type HttpReply,
  type JobVerdict,
  type Verdict,
} from '@fragment/http-client';
import { fieldsOf, type Fields } from '../mapping/read.js';
import type { Entry } from './entry.js';

/** What became of one event. */
export interface Fate {
  readonly outcome: JobVerdict['outcome'];
  /** The verdict as its job may keep it. `own` are all events of the job. */
  verdict(own: readonly Entry[]): JobVerdict;
}

/** One request and what was answered. */
export interface Exchanged {
  readonly reply: HttpReply;
  /** The events of the request. */
  readonly entries: ReadonlySet<Entry>;
}

/**
 * The fate of an event that was in a request.
 * @param named what the answer says of this event and of no other. Default nothing.
 */
export function sent(verdict: JobVerdict, { reply, entries }: Exchanged, named?: Fields): Fate {
  return {
    outcome: verdict.outcome,
    verdict: (own) => {
      const together = own.filter((entry) => entries.has(entry));
      return verdictFor(verdict, reply, {
        of: entries.size,
        own: together.length,
        sent: () => together.map(({ text }) => text).join(','),
        answered: () => ({ ...figuresOf(reply), ...named }),
      });
    },
  };
}

/** The fate of an event that was in no request, or in none that says what became of it. */
export function unsent(verdict: Verdict): Fate {
  const told = withoutExchange(verdict);
  return { outcome: told.outcome, verdict: () => told };
}

/** Members of an answer that speak of the whole request, by numbers. */
const FIGURES = [
  'code',
  'events_ingested',
  'payload_size_bytes',
  'server_upload_time',
  'eps_threshold',
] as const;

function figuresOf(reply: HttpReply): Fields {
  const answer = reply.kind === 'answer' ? fieldsOf(reply.json) : {};
  return Object.fromEntries(
    FIGURES.flatMap((name) => (typeof answer[name] === 'number' ? [[name, answer[name]]] : [])),
  );
}

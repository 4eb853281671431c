import type { ServerResponse } from 'node:http';
import {
  FragmentError,
  type HttpReply,
  type HttpRoute,
  type HttpTrigger,
  type IngestAnswer,
  type Logger,
  type NoEvent,
  type PlannedEvent,
  type RejectedItem,
} from '@fragment/core';
import { answerJson, answerKnown, knownError, retryAfterSeconds, type Headers } from '@fragment/http-server';

/** The body of an answer that has nothing more to tell. */
const SUCCESS = JSON.stringify({ statusCode: 200, message: 'Successful', success: true });

/**
 * Answers what was taken in: as the trigger wants it, else 200 in JSON.
 * @throws {FragmentError} FRAGMENT_INGEST_EVENT_REFUSED for a single event the store can never take, unless the trigger
 *   answers by itself.
 */
export function answerIngest(
  res: ServerResponse,
  trigger: HttpTrigger,
  answer: IngestAnswer | NoEvent,
  headers: Headers,
): void {
  const reply = 'noEvent' in answer ? answer.reply : trigger.reply?.(answer);
  if (reply) answerReply(res, reply, headers);
  else answerJson(res, 200, 'noEvent' in answer ? SUCCESS : ingestBody(answer, trigger.route), headers);
}

/** Answers what was not: as the trigger wants it, else the error. Never throws. */
export function answerRefusal(
  res: ServerResponse,
  trigger: HttpTrigger,
  error: unknown,
  logger: Logger,
  headers: Headers,
): void {
  const known = knownError(error, logger);
  try {
    const reply = trigger.reply?.(known);
    if (reply) {
      answerReply(res, reply, headers);
      return;
    }
  } catch (cause) {
    logger.error({ err: cause }, 'a trigger could not reply');
  }
  answerKnown(res, known, [...headers, ...rateLimitReset(res, known)]);
}

/**
 * Browser SDKs up to 1.83 read this header and no Retry-After. Only browsers get it: Node SDKs of that time take it for
 * a date, and would try again at once.
 */
function rateLimitReset({ req }: ServerResponse, error: FragmentError): Headers {
  if (error.status !== 429 || req.headers.origin === undefined) return [];
  return ['x-ratelimit-reset', String(retryAfterSeconds(error))];
}

function answerReply(res: ServerResponse, { status, headers, body }: HttpReply, more: Headers): void {
  const length = String(Buffer.byteLength(body));
  res.writeHead(status, [...Object.entries(headers).flat(), 'content-length', length, ...more]);
  res.end(body);
}

/**
 * The body of a successful answer, as text.
 * @throws {FragmentError} FRAGMENT_INGEST_EVENT_REFUSED for a single event the store can never take.
 */
function ingestBody(answer: IngestAnswer, route: HttpRoute): string {
  const { outcome, batch } = answer;
  if (!batch && outcome.outcome === 'refused') {
    throw new FragmentError('FRAGMENT_INGEST_EVENT_REFUSED', {
      validations: [{ message: outcome.message, path: [] }],
    });
  }
  if (!batch && !route.showMeta && !route.showData) return SUCCESS;
  const meta = { ...(batch && batchMeta(batch)), ...(route.showMeta && eventMeta(answer)) };
  const parts = [
    SUCCESS.slice(0, -1),
    ...(batch || route.showMeta ? [`"meta":${JSON.stringify(meta)}`] : []),
    ...(route.showData ? [`"data":${dataOf(answer)}`] : []),
  ];
  return `${parts.join(',')}}`;
}

const batchMeta = ({ received, stored, duplicates, rejected }: NonNullable<IngestAnswer['batch']>) => ({
  received,
  stored,
  duplicates,
  rejected: rejected.map(rejectedItem),
});

const rejectedItem = ({ index, messageId, code, message, validations }: RejectedItem) => ({
  index,
  messageId,
  code,
  message,
  validations: validations ?? [],
});

/** Names the event that is in the store: a duplicate's is the one that came first, and this request made no jobs. */
function eventMeta({ event, outcome, batch }: IngestAnswer) {
  if (outcome.outcome === 'duplicate') return { event: { id: outcome.eventId, duplicate: true }, jobs: [] };
  if (outcome.outcome !== 'stored') return {};
  return { event: eventTimes(event), jobs: (batch?.events ?? [event]).flatMap(jobsOf) };
}

const eventTimes = (event: PlannedEvent) => ({
  id: event.id,
  source: event.source,
  trigger: event.trigger,
  version: event.version,
  type: event.type,
  message_id: event.messageId,
  timestamp: event.timestamp,
  sent_at: event.sentAt,
  received_at: event.receivedAt,
});

const jobsOf = (event: PlannedEvent) =>
  event.jobs.map(({ seq, destination, action, version }) => ({
    id: `${event.id}.${seq}`,
    event_id: event.id,
    destination,
    action,
    version,
  }));

/** `data` is JSON text already: repeated as it is, so that no number or escape changes on the way. */
const dataOf = ({ event, batch }: IngestAnswer): string =>
  batch ? `[${batch.events.map((item) => item.data).join(',')}]` : event.data;

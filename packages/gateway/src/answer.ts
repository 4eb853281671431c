import {
  FragmentError,
  type HttpRoute,
  type IngestAnswer,
  type PlannedEvent,
  type RejectedItem,
} from '@fragment/core';

/** The body of an answer that has nothing more to tell. */
export const SUCCESS = JSON.stringify({ statusCode: 200, message: 'Successful', success: true });

/**
 * The body of a successful answer, as text.
 * @throws {FragmentError} FRAGMENT_INGEST_EVENT_REFUSED for a single event the store can never take.
 */
export function ingestBody(answer: IngestAnswer, route: HttpRoute): string {
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

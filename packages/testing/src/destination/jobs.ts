import type { LeasedJob, StoredEvent } from '@fragment/core';
import { leasedJob } from '../jobs/leased-job.js';

export type Message = Readonly<Record<string, unknown>>;

const DEFAULT_TIMESTAMP = '2026-11-23T10:00:00.000Z';

/** The message with what every case may leave out. */
export function withDefaults(message: Message, number: number): Message {
  return { messageId: `message-${number}`, timestamp: DEFAULT_TIMESTAMP, ...message };
}

/** Jobs as the gateway would have stored them. Their ids depend on their place alone, so that requests can be compared. */
export function jobsOf(messages: readonly Message[], destination: string, attempt = 1): readonly LeasedJob[] {
  return messages.map((message, index) => {
    const complete = withDefaults(message, index + 1);
    const id = `01940000-0000-7000-8000-${(index + 1).toString(16).padStart(12, '0')}`;
    const event = { id, ...columnsOf(complete) };
    return leasedJob(complete, { destination, attempt, event });
  });
}

/** What a source reads from a message before it stores it: ids as text, times as times. */
function columnsOf(message: Message): Partial<StoredEvent> {
  const timestamp = dateOf(message['timestamp']) ?? new Date(DEFAULT_TIMESTAMP);
  const originalTimestamp = dateOf(message['originalTimestamp']);
  const sentAt = dateOf(message['sentAt']);
  const userId = numberAsText(message['userId']);
  const anonymousId = numberAsText(message['anonymousId']);
  return {
    timestamp,
    receivedAt: timestamp,
    ...(originalTimestamp && { originalTimestamp }),
    ...(sentAt && { sentAt }),
    ...(userId !== undefined && { userId }),
    ...(anonymousId !== undefined && { anonymousId }),
  };
}

function dateOf(value: unknown): Date | undefined {
  const date = typeof value === 'string' ? new Date(value) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}

const numberAsText = (value: unknown): string | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;

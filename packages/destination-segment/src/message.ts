import { errorRegistry, type DeliveryError, type ErrorCode, type LeasedJob } from '@fragment/core';
import { encodeJson } from '@fragment/http-client';
import { checkMessage, materialise } from '@fragment/segment-spec';

/** Segment: "a maximum of 32 KB per call", in bytes of JSON; the same that our own gateway takes. */
export const LARGEST_EVENT = 32_768;

/** A job whose message is ready to be put in a batch. */
export interface PreparedJob {
  readonly job: LeasedJob;
  /** The message as JSON. */
  readonly text: string;
  /** Of the text, in UTF-8. */
  readonly bytes: number;
}

/**
 * Segment sets or forbids these. `sentAt` above all: with one, Segment would correct the timestamp a second time;
 * `originalTimestamp` it derives itself.
 */
const LEFT_OUT = ['receivedAt', 'sentAt', 'originalTimestamp', '_metadata', 'writeKey'] as const;

/**
 * The event as it came, whole, or why Segment would never take it. Segment answers 200 to a message without its ids
 * and drops it, so the rules of its own libraries are checked here.
 *
 * @param type the action's name, which is the message's type.
 */
export function prepare(job: LeasedJob, type: string): PreparedJob | DeliveryError {
  const message = messageOf(job, type);
  if (!message) return refusal('FRAGMENT_DELIVERY_INVALID', 'Its data is not JSON.');
  const problems = checkMessage(type, message);
  if (problems.length > 0) {
    return refusal('FRAGMENT_DELIVERY_INVALID', `${problems.map((problem) => problem.message).join('; ')}.`);
  }
  const text = encodeJson(message);
  const bytes = Buffer.byteLength(text);
  if (bytes > LARGEST_EVENT) {
    return refusal('FRAGMENT_DELIVERY_TOO_LARGE', `It has ${bytes} bytes; Segment takes ${LARGEST_EVENT}.`);
  }
  return { job, text, bytes };
}

/** Fields that a flow froze with the job win over the event's. */
function messageOf(job: LeasedJob, type: string): Record<string, unknown> | undefined {
  try {
    const message: Record<string, unknown> = { ...materialise(job.event), ...fieldsOf(job.data), type };
    for (const field of LEFT_OUT) message[field] = undefined;
    return message;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function fieldsOf(data: unknown): object {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? data : {};
}

function refusal(code: ErrorCode, detail: string): DeliveryError {
  return { code, message: `${errorRegistry[code].message} ${detail}` };
}

import { errorRegistry, type DeliveryError, type ErrorCode, type LeasedJob } from '@fragment/core';
import { encodeJson } from '@fragment/http-client';
import { checkMessage, materialise } from '@fragment/segment-spec';
import { isFields } from './fields.js';
import { isMarked, marked } from './loop-guard.js';

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

export interface PreparerOptions {
  /** The names of this destination in `integrations`. */
  readonly switches: readonly string[];
  /** What the loop guard writes and looks for; absent without one. */
  readonly mark?: string;
}

/**
 * The event as it came, whole, or why Segment would never take it. Segment answers 200 to a message without its ids
 * and drops it, so the rules of its own libraries are checked here.
 *
 * @param type the action's name, which is the message's type.
 */
export type Prepare = (job: LeasedJob, type: string) => PreparedJob | DeliveryError;

export function preparer({ switches, mark }: PreparerOptions): Prepare {
  const names = new Set(switches.map((name) => name.toLowerCase()));
  return (job, type) => {
    const message = messageOf(job, type);
    if (!message) return refusal('FRAGMENT_DELIVERY_INVALID', 'Its data is not JSON.');
    const problems = checkMessage(type, message);
    if (problems.length > 0)
      return refusal(
        'FRAGMENT_DELIVERY_INVALID',
        `${problems.map((problem) => problem.message).join('; ')}.`,
      );
    if (mark !== undefined) {
      if (isMarked(message['context'], mark))
        return refusal('FRAGMENT_DELIVERY_INVALID', 'It comes from the Segment source it would go to.');
      message['context'] = marked(message['context'], mark);
    }
    message['integrations'] = downstream(message['integrations'], names);
    return measured(job, encodeJson(message));
  };
}

/**
 * What Segment is told of its own destinations: what the message says, but our own switch, which means nothing there.
 * `All: false` stays, as whoever wrote it wanted fewer receivers; `Segment: { integrations }` says it anew for Segment.
 */
function downstream(integrations: unknown, names: ReadonlySet<string>): unknown {
  if (!isFields(integrations)) return integrations;
  const isOurs = (key: string) => names.has(key.toLowerCase());
  if (!Object.keys(integrations).some(isOurs)) return integrations;
  const own = Object.entries(integrations).filter(([key]) => isOurs(key));
  for (const [, value] of own)
    if (isFields(value) && isFields(value['integrations'])) return value['integrations'];
  return Object.fromEntries(Object.entries(integrations).filter(([key]) => !isOurs(key)));
}

function measured(job: LeasedJob, text: string): PreparedJob | DeliveryError {
  const bytes = Buffer.byteLength(text);
  return bytes > LARGEST_EVENT
    ? refusal('FRAGMENT_DELIVERY_TOO_LARGE', `It has ${bytes} bytes; Segment takes ${LARGEST_EVENT}.`)
    : { job, text, bytes };
}

/**
 * Segment sets or forbids these. `sentAt` above all: with one, Segment would correct the timestamp a second time;
 * `originalTimestamp` it derives itself.
 */
const LEFT_OUT = ['receivedAt', 'sentAt', 'originalTimestamp', '_metadata', 'writeKey'] as const;

/** Fields that a flow froze with the job win over the event's. */
function messageOf(job: LeasedJob, type: string): Record<string, unknown> | undefined {
  try {
    const frozen = isFields(job.data) ? job.data : {};
    const message: Record<string, unknown> = { ...materialise(job.event), ...frozen, type };
    for (const field of LEFT_OUT) message[field] = undefined;
    return message;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function refusal(code: ErrorCode, detail: string): DeliveryError {
  return { code, message: `${errorRegistry[code].message} ${detail}` };
}

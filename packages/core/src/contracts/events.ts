import type { JsonValue } from './json.js';

/** One immutable fact as received, whole. What the store keeps and what flows and actions read. */
export interface StoredEvent {
  /** uuidv7, made where the event came in. */
  readonly id: string;
  /** The batch this event arrived in. */
  readonly parentEventId?: string;
  readonly source: string;
  readonly trigger: string;
  readonly version?: string;
  /** For Segment messages one of `identify`, `track`, `page`, `screen`, `group`, `alias`; `batch` for a parent. */
  readonly type?: string;
  /** The deduplication key within its source. */
  readonly messageId?: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly name?: string;
  /** When it happened, corrected for the sender's clock. */
  readonly timestamp: Date;
  /** When it happened by the sender's clock. */
  readonly originalTimestamp?: Date;
  readonly sentAt?: Date;
  readonly receivedAt: Date;
  /** JSON text: the item's bytes as they came when nothing had to change. Columns win over what it says. */
  readonly data: string;
  /** JSON text of what a batch says once for all its items (`context`, `integrations`); an item wins over it. */
  readonly envelope?: string;
  /** Why planning failed, beginning with a code; such an event has no jobs until it is replayed. */
  readonly planError?: string;
  /** The span in which it came in, as W3C Trace Context writes it. */
  readonly traceparent?: string;
  /** `JSON.parse(data)` when this process has it already. A cache, never stored; do not change it. */
  readonly parsed?: unknown;
}

/** What a trigger returns for one event: the source's answer to "what happened?". */
export interface Extraction {
  /** JSON text or a value; the message itself. */
  readonly data: string | JsonValue;
  /** `JSON.parse(data)` when `data` is text that was parsed already. */
  readonly parsed?: unknown;
  /** Kept apart from `data` and merged on reading; for a batch, what holds for all its items. */
  readonly context?: JsonValue;
  readonly version?: string;
  readonly type?: string;
  /** Absent: the event is never a duplicate. */
  readonly messageId?: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly name?: string;
  /** Default: the time of receipt. */
  readonly timestamp?: Date;
  readonly originalTimestamp?: Date;
  readonly sentAt?: Date;
  /** Planned in addition to what the flows say. */
  readonly actions?: Actions;
  /** The items of a batch. Present, even empty, makes this extraction a batch parent, which has no jobs of its own. */
  readonly subEvents?: readonly SubExtraction[];
  /** Items of a batch that were refused before they got here. */
  readonly rejected?: readonly RejectedItem[];
}

/** One item of a batch. */
export interface SubExtraction extends Omit<Extraction, 'subEvents' | 'rejected'> {
  /** Its place in the request, counted from 0, for the answer. */
  readonly index: number;
  /** The trigger whose flows plan it and whose name it carries; default the batch's own. */
  readonly trigger?: string;
}

/** One problem of an input. `path` leads to the field. */
export interface Validation {
  readonly message: string;
  readonly path: readonly string[];
  /** The same place in the input's own terms, for instance `batch[3].userId`. */
  readonly field?: string;
}

/** An input that was refused, and why. */
export interface RejectedItem {
  /** Place in the batch; absent for a single message. */
  readonly index?: number;
  readonly messageId?: string;
  readonly type?: string;
  readonly code: string;
  readonly message: string;
  readonly validations?: readonly Validation[];
  /** The refused text, cut by the store. Never holds a write key. */
  readonly data?: string;
}

/** By destination name, what it shall do with an event. The same action may stand there several times. */
export type Actions = Readonly<Record<string, readonly ActionCall[]>>;

/** One action of one destination, wanted for one event. */
export interface ActionCall {
  readonly action: string;
  /** Frozen with the job. Absent: the job refers to its event and maps when it is delivered. */
  readonly data?: JsonValue;
  readonly version?: string;
}

/** A job as planned, before it is stored. */
export interface PlannedJob {
  /** Counts from 0 within its event. */
  readonly seq: number;
  readonly destination: string;
  readonly action: string;
  readonly version?: string;
  readonly data?: JsonValue;
  /** Jobs of one destination with the same key run one after the other, oldest first. Signed 64 bits. */
  readonly orderKey?: bigint;
  /** Default: at once, by the store's clock. */
  readonly dueAt?: Date;
}

/** An event with everything it implies: what is committed in one piece. */
export interface PlannedEvent extends StoredEvent {
  readonly jobs: readonly PlannedJob[];
  /** A batch's parent: stored only when at least one event that names it as its parent is newly stored with it. */
  readonly parent?: boolean;
}

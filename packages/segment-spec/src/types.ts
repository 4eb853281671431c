import type { JsonObject, JsonValue } from './json.js';

/** The six types, in the order in which Segment documents them. */
export const MESSAGE_TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;

/** What a message says happened. Lower case exactly. */
export type MessageType = (typeof MESSAGE_TYPES)[number];

const known: ReadonlySet<unknown> = new Set(MESSAGE_TYPES);

export function isMessageType(value: unknown): value is MessageType {
  return known.has(value);
}

/**
 * Where and how it happened (Segment's "Common fields: context"). The members named here are the documented ones;
 * senders add others, which are kept.
 */
export interface Context {
  /** false: this is no sign of life of the user. */
  readonly active?: boolean;
  readonly app?: JsonObject;
  /** `name`, `source`, `medium`, `term`, `content`: the UTM parameters, `utm_campaign` as `name`. */
  readonly campaign?: JsonObject;
  readonly channel?: string;
  readonly device?: JsonObject;
  /** true: the user's own device sent this itself, so the sender's address is the user's `ip`. */
  readonly direct?: boolean;
  /** The account a non-group call belongs to. */
  readonly groupId?: string;
  readonly ip?: string;
  readonly library?: { readonly name?: string; readonly version?: string };
  /** For instance `en-US`. */
  readonly locale?: string;
  readonly location?: JsonObject;
  readonly network?: JsonObject;
  readonly os?: JsonObject;
  /** `path`, `referrer`, `search`, `title`, `url`. */
  readonly page?: JsonObject;
  readonly referrer?: JsonObject;
  readonly screen?: JsonObject;
  /** A name of the tz database. */
  readonly timezone?: string;
  /** User traits on calls other than identify. */
  readonly traits?: JsonObject;
  readonly userAgent?: string;
  readonly userAgentData?: JsonObject;
  readonly [key: string]: JsonValue | undefined;
}

/**
 * Which destinations get a message, by name; `All` (or `all`, as the Go library writes it) for those not named.
 * An object means on, with options for that destination.
 */
export type Integrations = JsonObject;

/** What every message carries when it is delivered. Times are ISO 8601 in UTC with milliseconds. */
export interface CommonFields {
  readonly messageId: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly context?: Context;
  readonly integrations?: Integrations;
  /** When it happened, corrected for the sender's clock. */
  readonly timestamp: string;
  /** When it happened by the sender's clock; the same as `timestamp` where the sender did not say. */
  readonly originalTimestamp: string;
  /** When it was sent, by the sender's clock. */
  readonly sentAt?: string;
  readonly receivedAt: string;
  readonly channel?: string;
  /** Fields of the sender that the specification does not name. */
  readonly [key: string]: JsonValue | Context | undefined;
}

/** Who somebody is. */
export interface IdentifyMessage extends CommonFields {
  readonly type: 'identify';
  readonly traits?: JsonObject;
}

/** What somebody did. */
export interface TrackMessage extends CommonFields {
  readonly type: 'track';
  readonly event: string;
  readonly properties?: JsonObject;
}

/** Which page of a website somebody saw. */
export interface PageMessage extends CommonFields {
  readonly type: 'page';
  readonly name?: string;
  readonly category?: string;
  readonly properties?: JsonObject;
}

/** Which screen of an app somebody saw. */
export interface ScreenMessage extends CommonFields {
  readonly type: 'screen';
  readonly name?: string;
  readonly category?: string;
  readonly properties?: JsonObject;
}

/** Which account somebody belongs to; `traits` are the account's. */
export interface GroupMessage extends CommonFields {
  readonly type: 'group';
  readonly groupId: string;
  readonly traits?: JsonObject;
}

/** Two ids of one person: `userId` replaces `previousId`. */
export interface AliasMessage extends CommonFields {
  readonly type: 'alias';
  readonly userId: string;
  readonly previousId: string;
}

/** A whole message as it is delivered. Shares values with the row it came from: never change it. */
export type SegmentMessage =
  IdentifyMessage | TrackMessage | PageMessage | ScreenMessage | GroupMessage | AliasMessage;

/** The body of `/v1/batch`: items and what holds for all of them. */
export interface BatchEnvelope {
  readonly batch: readonly unknown[];
  /** Merged into every item; the item wins. */
  readonly context?: Context | null;
  /** Merged into every item; the item wins. */
  readonly integrations?: Integrations | null;
  /** For the items that have none of their own. */
  readonly sentAt?: string | null;
  readonly writeKey?: string | null;
  readonly [key: string]: unknown;
}

/** One problem of a message. Structurally the same as core's. */
export interface Validation {
  /** What to change. */
  readonly message: string;
  /** `['analytics', 'Track', 'Event']` for what analytics-go checks too, else the way to the field in the JSON. */
  readonly path: readonly string[];
  /** The field in JSON terms. */
  readonly field: string;
}

import type { JsonValue } from '@fragment/core';

/** A value that the admin API is about to show, and whose it is as far as that is known. */
export interface ShownPart {
  /**
   * `event`: what a message carries. `context`: what its batch says once for all its items. `job`: data frozen with a job.
   * `rejection`: what was refused. These come as JSON, or as text where they are none or were cut.
   * `request`, `response`: what went over the wire for a job. `message`: why something failed. These are texts.
   */
  readonly kind: 'event' | 'context' | 'job' | 'rejection' | 'request' | 'response' | 'message';
  readonly eventId?: string;
  readonly jobId?: string;
  readonly source?: string;
  readonly trigger?: string;
  /** Type of the message, for instance `track`. */
  readonly type?: string;
  readonly destination?: string;
  readonly action?: string;
}

/**
 * Says what is shown of a value. It answers at once, with JSON where it was given JSON and with a text for a text. Where it
 * throws, or answers with anything else, the value is hidden. The value is its own to change.
 */
export type Redact = (value: JsonValue, part: ShownPart) => JsonValue;

/** Stands where something is hidden. */
export const HIDDEN = '***';

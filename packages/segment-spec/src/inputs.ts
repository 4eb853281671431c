import type { Integrations } from './types.js';

/*
 * Messages as a program writes them, before anything is filled in. Values are whatever JSON can carry; a Date becomes
 * ISO 8601 when it is written.
 */

/** Who a message is about: one of the two ids, or both. Numbers count as their digits. */
export type Somebody =
  | { readonly userId: string | number; readonly anonymousId?: string | number | null }
  | { readonly userId?: string | number | null; readonly anonymousId: string | number };

/** What every message may say (Segment, "Common fields"). */
export interface CommonInput {
  /** The deduplication key, at most 100 characters. Default: a new one. */
  readonly messageId?: string;
  /** When it happened: a Date, or ISO 8601 text. Default: now. */
  readonly timestamp?: Date | string;
  readonly context?: object;
  /** Which destinations get it. Default: all. */
  readonly integrations?: Integrations;
}

/** Who somebody is. */
export type IdentifyInput = CommonInput & Somebody & { readonly traits?: object };

/** What somebody did. */
export type TrackInput = CommonInput & Somebody & { readonly event: string; readonly properties?: object };

/** Which page of a website somebody saw. */
export type PageInput = CommonInput &
  Somebody & { readonly name?: string; readonly category?: string; readonly properties?: object };

/** Which screen of an app somebody saw. */
export type ScreenInput = PageInput;

/** Which account somebody belongs to; `traits` are the account's. */
export type GroupInput = CommonInput &
  Somebody & { readonly groupId: string | number; readonly traits?: object };

/** Two ids of one person: `userId` replaces `previousId`. */
export type AliasInput = CommonInput & {
  readonly userId: string | number;
  readonly previousId: string | number;
};

/** By type, what a program writes. */
export interface MessageInputs {
  readonly identify: IdentifyInput;
  readonly track: TrackInput;
  readonly page: PageInput;
  readonly screen: ScreenInput;
  readonly group: GroupInput;
  readonly alias: AliasInput;
}

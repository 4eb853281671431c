/** Mailchimp's shapes and limits, as the documentation of its Marketing API v3 has them (mailchimp.com/developer). */

/** Statuses a member can be given. */
export type MemberStatus = 'subscribed' | 'unsubscribed' | 'cleaned' | 'pending';

export const memberStatuses: readonly MemberStatus[] = ['subscribed', 'unsubscribed', 'cleaned', 'pending'];

export interface Address {
  readonly addr1: string;
  readonly addr2?: string;
  readonly city: string;
  readonly state: string;
  readonly zip: string;
  readonly country?: string;
}

/** By merge tag: at most 10 upper case letters, digits and underscores. `''` clears a field. */
export type MergeFields = Readonly<Record<string, string | number | Address>>;

/** Body of `PUT /lists/{id}/members/{hash}`. */
export interface MemberUpsert {
  readonly email_address: string;
  /** For an address that is not a member yet. */
  readonly status_if_new: 'subscribed' | 'pending';
  /** For one that is; absent leaves it as it is. */
  readonly status?: MemberStatus;
  readonly merge_fields?: MergeFields;
}

/** Body of `POST /lists/{id}/members/{hash}/events`. */
export interface MemberEvent {
  /** 2 to 30 characters. */
  readonly name: string;
  readonly properties?: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly occurred_at: string;
}

/** application/problem+json. Titles are stable enough to branch on, details (but one) are not. */
export interface Problem {
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
}

export const mergeTagLength = 10;
export const eventNameLength = { min: 2, max: 30 } as const;

/** Connections that one API key may have open, all processes together. */
export const maxConnections = 10;

export const paths = {
  audience: (id: string) => `/3.0/lists/${encodeURIComponent(id)}`,
  member: (id: string, hash: string) => `${paths.audience(id)}/members/${hash}`,
  memberEvents: (id: string, hash: string) => `${paths.member(id, hash)}/events`,
} as const;

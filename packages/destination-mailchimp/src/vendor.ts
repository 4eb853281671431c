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

/** What a member has, whichever way it is written. */
interface Profile {
  readonly email_address: string;
  readonly merge_fields?: MergeFields;
  /** Two letters. */
  readonly language?: string;
  /** IPv4 or IPv6. */
  readonly ip_signup?: string;
}

/** Body of `PUT /lists/{id}/members/{hash}`. */
export interface MemberUpsert extends Profile {
  /** For an address that is not a member yet. */
  readonly status_if_new: MemberStatus;
  /** For one that is; absent leaves it as it is. */
  readonly status?: MemberStatus;
}

/** Body of `POST /lists/{id}`, at most 500 members. */
export interface BatchSubscribe {
  readonly members: readonly BatchMember[];
  /** Members that are there already are left alone, and answered with an error each. */
  readonly update_existing: false;
}

export interface BatchMember extends Profile {
  /** There is no `status_if_new` to rely on here: with `update_existing` this would change known members too. */
  readonly status: MemberStatus;
  readonly tags?: readonly string[];
}

export interface Tag {
  readonly name: string;
  /** `inactive` takes it from the member. */
  readonly status: 'active' | 'inactive';
}

/** Body of `POST /lists/{id}/members/{hash}/tags`. */
export interface MemberTags {
  readonly tags: readonly Tag[];
  /** Starts no automation. */
  readonly is_syncing?: true;
}

/** Body of `POST /lists/{id}/members/{hash}/events`. */
export interface MemberEvent {
  /** 2 to 30 characters. */
  readonly name: string;
  readonly properties?: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly occurred_at: string;
  /** Starts no automation. */
  readonly is_syncing?: true;
}

/** application/problem+json. Titles are stable enough to branch on, details (but one) are not. */
export interface Problem {
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
}

export const mergeTagLength = 10;
export const eventNameLength = { min: 2, max: 30 } as const;

/** Connections that one account may have open, all keys and processes together. */
export const maxConnections = 10;

export const paths = {
  audience: (id: string) => `/3.0/lists/${encodeURIComponent(id)}`,
  member: (id: string, hash: string) => `${paths.audience(id)}/members/${hash}`,
  memberEvents: (id: string, hash: string) => `${paths.member(id, hash)}/events`,
  memberTags: (id: string, hash: string) => `${paths.member(id, hash)}/tags`,
} as const;

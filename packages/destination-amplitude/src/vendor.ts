/**
 * Amplitude's shapes, limits and words, as its documentation has them (amplitude.com/docs/apis/analytics: HTTP V2, Batch
 * Event Upload, User Mapping, Dashboard REST).
 */

/** Hosts by region. An EU project answers only on the EU hosts. */
export const hosts = {
  us: {
    events: 'https://api2.amplitude.com',
    userMap: 'https://api.amplitude.com',
    dashboard: 'https://amplitude.com',
  },
  eu: {
    events: 'https://api.eu.amplitude.com',
    userMap: 'https://api.eu.amplitude.com',
    dashboard: 'https://analytics.eu.amplitude.com',
  },
} as const;
export type Region = keyof typeof hosts;

/** The two ways to upload events, which take and answer the same. Megabytes are read as the smaller ones. */
export const uploads = {
  /**
   * Near real time; 30 events a second for one user or device. 200 jobs a call: most of the saving of a batch is had by
   * then, while an answer that names bad events repeats little.
   */
  http: { path: '/2/httpapi', bytes: 1_000_000, jobs: 200, concurrency: 8, timeoutMs: 10_000 },
  /** May lag by minutes; 1,000 events a second for one user or device. Few calls at once, as each may hold 20 MB. */
  batch: { path: '/batch', bytes: 20_000_000, jobs: 2000, concurrency: 2, timeoutMs: 30_000 },
} as const;
export type UploadName = keyof typeof uploads;
/** `bytes` are of one request; the others are ours. */
export type Upload = (typeof uploads)[UploadName];

export const paths = { userMap: '/usermap', userSearch: '/api/2/usersearch' } as const;

/** Events of one request; levels and keys of objects; characters of a text. */
export const limits = { events: 2000, depth: 40, keys: 1000, characters: 1024 } as const;

/** How long a throttled user or device must be left alone. */
export const throttleMs = 30_000;
/** The daily quota counts a rolling day: it takes hours until there is room again. */
export const quotaMs = 4 * 60 * 60 * 1000;

export type Properties = Readonly<Record<string, unknown>>;

/** One event of HTTP V2. */
export interface AmplitudeEvent {
  readonly event_type: string;
  readonly user_id?: string;
  readonly device_id?: string;
  /** Integer milliseconds. */
  readonly time?: number;
  /** Amplitude takes an insert_id once per device within 7 days. */
  readonly insert_id: string;
  /** Integer milliseconds of the session's start; -1 is none. */
  readonly session_id?: number;
  readonly event_id?: number;
  readonly event_properties?: Properties;
  /** Operations only, never mixed with plain keys. */
  readonly user_properties?: Properties;
  readonly groups?: Properties;
  readonly group_properties?: Properties;
  readonly app_version?: string;
  readonly platform?: string;
  readonly os_name?: string;
  readonly os_version?: string;
  readonly device_brand?: string;
  readonly device_manufacturer?: string;
  readonly device_model?: string;
  readonly carrier?: string;
  readonly country?: string;
  readonly region?: string;
  readonly city?: string;
  readonly dma?: string;
  readonly language?: string;
  readonly location_lat?: number;
  readonly location_lng?: number;
  readonly ip?: string;
  readonly idfa?: string;
  readonly idfv?: string;
  readonly adid?: string;
  readonly user_agent?: string;
  readonly library?: string;
  /** Keeps the event from changing the user's current properties. */
  readonly $skip_user_properties_sync?: boolean;
  /** Amplitude counts price times quantity when both are there, else `revenue`. */
  readonly price?: number;
  readonly quantity?: number;
  readonly revenue?: number;
  readonly revenueType?: string;
  readonly productId?: string;
  readonly currency?: string;
}

/** One entry of the user mapping. */
export type UserMapping =
  | { readonly user_id: string; readonly global_user_id: string }
  | { readonly user_id: string; readonly unmap: true };

/** Operations on the properties of a group, and on those of a user. */
export const groupOperations = ['$set', '$setOnce', '$add', '$append', '$prepend', '$unset'] as const;
export const userOperations = [
  ...groupOperations,
  '$preInsert',
  '$postInsert',
  '$remove',
  '$clearAll',
] as const;

/** What the options can make of a trait instead of `$set`. */
export type TraitOperation = '$add' | '$setOnce' | '$append' | '$prepend';

/** Ids that are refused whatever the minimum length. */
export const refusedIds: ReadonlySet<string> = new Set([
  ...['anonymous', 'nil', 'none', 'null', 'n/a', 'na', 'undefined', 'unknown', '', '{}', 'lmy47d', '0', '-1'],
  '00000000-0000-0000-0000-000000000000',
]);

/** Event types that are Amplitude's own; `$identify` and `$groupidentify` would change properties. */
export const reservedEventTypes: ReadonlySet<string> = new Set([
  ...[
    'Start Session',
    'End Session',
    'Revenue',
    'Revenue (Verified)',
    'Revenue (Unverified)',
    'Merged User',
  ].map((name) => `[Amplitude] ${name}`),
  '$identify',
  '$groupidentify',
]);

/** The members of an error answer that name events. Indices are positions in that request's `events`. */
export interface ErrorAnswer {
  readonly error?: unknown;
  readonly missing_field?: unknown;
  /** Field to indices. */
  readonly events_with_invalid_fields?: unknown;
  readonly events_with_missing_fields?: unknown;
  readonly events_with_invalid_id_lengths?: unknown;
  readonly silenced_events?: unknown;
  readonly silenced_devices?: unknown;
  readonly throttled_events?: unknown;
  /** Id to rate. */
  readonly throttled_users?: unknown;
  readonly throttled_devices?: unknown;
  readonly exceeded_daily_quota_users?: unknown;
  readonly exceeded_daily_quota_devices?: unknown;
}

/** What the application is made of, as the admin API tells it. */

import type { Run } from './running-types.js';

export type LaneState = 'open' | 'slowed' | 'tripped' | 'held' | 'paused';

export interface Lane {
  readonly destination: string;
  readonly state: LaneState;
  readonly reason: string | null;
  readonly until: string | null;
  readonly failures: number;
  readonly updated_at: string | null;
}

/** How long things are kept, in milliseconds; null: for ever. */
export interface Retention {
  readonly events_ms: number | null;
  readonly rejections_ms: number | null;
  readonly dedup_ms: number | null;
  readonly statistics_ms: number | null;
  /** Events that are kept for a shorter time. */
  readonly policies: readonly {
    readonly where: Readonly<Record<string, unknown>>;
    readonly older_than_ms: number;
  }[];
}

/** What the application is made of. */
export interface ApplicationOptions {
  readonly name: string;
  readonly store: { readonly from: string };
  readonly queue: { readonly from: string };
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  readonly retention: Retention;
  readonly fragment: { readonly version: string | null };
  readonly node: { readonly version: string; readonly environment: string };
}

/** By version: the day on which it is no longer kept up, or null. */
export type Versions = Readonly<Record<string, string | null>>;

export interface SourceSummary {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>> & {
    readonly versions: Versions | null;
    readonly default_version: string;
  };
}

export type TriggerMode =
  | {
      readonly mode: 'http';
      readonly http: {
        readonly methods: readonly string[];
        readonly path: string;
        readonly paths: readonly string[];
        readonly show_meta: boolean;
        readonly show_data: boolean;
      };
    }
  | {
      readonly mode: 'cron';
      readonly cron: { readonly interval: string; readonly next_run_at: string | null };
    }
  | { readonly mode: 'sub'; readonly sub: { readonly topic: string; readonly subscription: string } }
  | { readonly mode: 'cdc' };

export interface TriggerDetail {
  /** Of a schedule that has run. */
  readonly last_run: Run | null;
  readonly name: string;
  readonly mode: TriggerMode;
  readonly flows: readonly { readonly name: string; readonly enabled: boolean }[];
}

export interface SourceDetail extends SourceSummary {
  readonly triggers: readonly TriggerDetail[];
}

/** null: the next one up decides, the default last. */
export interface Schedule {
  readonly realtime: boolean | null;
  readonly interval: string | null;
  readonly max_retries: number | null;
  readonly max_age_ms: number | null;
}

export interface DestinationSummary {
  readonly name: string;
  readonly accepts: string | null;
  readonly integrations: readonly string[];
  readonly ordering: 'none' | 'user';
  readonly options: Readonly<Record<string, unknown>> & {
    readonly versions: Versions | null;
    readonly default_version: string;
    readonly schedule: Schedule | null;
    readonly limits: {
      readonly concurrency: number | null;
      readonly calls_per_second: number | null;
      readonly load_timeout_ms: number | null;
    };
  };
  readonly lane: Lane;
}

export interface ActionDetail {
  readonly name: string;
  readonly schedule: Schedule | null;
  readonly batch: { readonly max_jobs: number; readonly max_bytes: number | null };
}

export interface DestinationDetail extends DestinationSummary {
  readonly actions: readonly ActionDetail[];
}

export interface TestEventAnswer {
  readonly event_id: string;
  readonly outcome: string;
  readonly jobs: readonly { readonly id: string; readonly destination: string; readonly action: string }[];
}

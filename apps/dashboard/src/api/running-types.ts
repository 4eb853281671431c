/** What runs, and how it ran, as the admin API tells it. */

export type RunState = 'running' | 'succeeded' | 'failed' | 'lost';

export interface Run {
  readonly id: string;
  readonly source: string;
  readonly trigger: string;
  readonly scheduled_at: string;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly state: RunState;
  readonly by_hand: boolean;
  /** null unless it has succeeded. */
  readonly events: number | null;
  readonly event_id: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly service_id: string;
  /** `host:pid` */
  readonly process: string;
}

/** A gateway or scheduler. */
export interface Service {
  readonly id: string;
  readonly service: 'gateway' | 'scheduler';
  readonly application: string;
  readonly host: string;
  readonly pid: number;
  readonly address: string | null;
  readonly version: string | null;
  readonly started_at: string;
  readonly seen_at: string;
  readonly gone: boolean;
}

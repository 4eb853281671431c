/** How the application fares, as the admin API tells it. */

import type { Lane } from './catalogue-types.js';
import type { JobStatus } from './status-types.js';

export type HealthStatus = 'ok' | 'degraded' | 'unavailable';
export type CheckStatus = 'ok' | 'warning' | 'failed';

export interface OverviewLane extends Lane {
  /** false: jobs of a destination that is no longer part of the application. */
  readonly registered: boolean;
  readonly counts: Readonly<Record<JobStatus, number>>;
  readonly oldest_due_at: string | null;
}

export interface HealthCheck {
  readonly name: string;
  readonly status: CheckStatus;
  readonly message: string | null;
}

export interface Health {
  readonly status: HealthStatus;
  readonly checks: readonly HealthCheck[];
}

export interface Overview {
  readonly lanes: readonly OverviewLane[];
  readonly events: number;
  readonly rejections: number;
  readonly plan_errors: number;
  readonly health: Health;
}

export type IngestResult = 'stored' | 'duplicate' | 'refused' | 'ignored' | 'overloaded' | 'unavailable';
export type DeliveryResult = 'succeeded' | 'failed' | 'discarded' | 'unknown';

interface Percentiles {
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
}

export interface IngestPoint {
  readonly at: string;
  readonly source: string;
  readonly type: string;
  readonly result: IngestResult;
  readonly count: number;
}

export interface DeliveryPoint extends Percentiles {
  readonly at: string;
  readonly destination: string;
  readonly action: string;
  readonly result: DeliveryResult;
  readonly count: number;
}

export interface Statistics {
  readonly range: { readonly from: string; readonly to: string; readonly step_ms: number };
  readonly ingest: readonly IngestPoint[];
  readonly delivery: readonly DeliveryPoint[];
  readonly totals: {
    readonly ingest: Readonly<Record<IngestResult, number>>;
    readonly delivery: readonly ({ readonly destination: string } & Readonly<Record<DeliveryResult, number>> &
      Percentiles)[];
  };
}

export interface Setting {
  readonly name: string;
  /** Masked where it is a secret. */
  readonly value: string;
  readonly source: 'option' | 'environment' | 'default';
  readonly secret: boolean;
}

export interface Migration {
  readonly id: string;
  readonly version: string;
  readonly scope: string;
  readonly name: string;
  readonly direction: string;
  readonly transitions: readonly { readonly state_after: string; readonly created_at: string | null }[];
  readonly created_at: string | null;
}

import type { JobStatus } from '@fragment/core';
import type { Binding } from './bind.js';

/** What commander makes of the flags of a command that needs the application. */
export interface ConfigFlags {
  readonly config?: string;
  readonly cwd: string;
  readonly envFile?: string;
}

export interface JsonFlags extends ConfigFlags {
  readonly json?: boolean;
}

export interface StartFlags extends ConfigFlags {
  readonly service?: 'gateway' | 'scheduler';
  readonly bind: readonly Binding[];
}

export interface DevFlags extends ConfigFlags {
  readonly bind: readonly Binding[];
}

/** What restricts events and jobs. */
export interface FilterFlags {
  readonly source?: readonly string[];
  readonly trigger?: readonly string[];
  readonly type?: readonly string[];
  readonly name?: string;
  readonly user?: string;
  readonly anonymous?: string;
  readonly messageId?: string;
  readonly olderThan?: Date;
  readonly destination?: readonly string[];
  readonly action?: readonly string[];
  readonly status?: readonly JobStatus[];
  readonly errorCode?: string;
  readonly event?: string;
  readonly job?: readonly string[];
  readonly planFailed?: boolean;
  readonly minAttempts?: number;
  readonly maxAttempts?: number;
  readonly since?: Date;
  readonly until?: Date;
}

/** Where what is asked for is: the application's own store, or the admin API of a running scheduler. */
export interface OperatorFlags extends JsonFlags {
  readonly url?: string;
}

/** A list that is told whole. */
export interface WholeFlags extends OperatorFlags {
  readonly failIfEmpty?: boolean;
}

/** A list that is read page by page. */
export interface ListFlags extends WholeFlags {
  readonly limit: number;
  readonly cursor?: string;
}

/** A list of what restrictions leave. */
export interface SearchFlags extends FilterFlags, ListFlags {}

export interface FailuresFlags extends FilterFlags, WholeFlags {
  readonly limit: number;
}

/** Of what is done to all that match. */
export interface ChangeFlags extends FilterFlags, OperatorFlags {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  /** Jobs a second, events of a replay or purge. */
  readonly rate?: number;
  readonly failIfEmpty?: boolean;
}

export type PurgeFlags = ChangeFlags;

export interface SendFlags extends OperatorFlags {
  readonly source?: string;
  readonly destination?: string;
}

export interface PauseFlags extends OperatorFlags {
  readonly reason?: string;
}

export interface WatchFlags extends OperatorFlags {
  readonly watch?: boolean;
}

export interface EraseFlags extends OperatorFlags {
  readonly confirm?: string;
}

export interface TailFlags extends FilterFlags, OperatorFlags {
  readonly limit?: number;
}

export interface TestFlags extends JsonFlags {
  readonly event: string;
  readonly action?: string;
  readonly send?: boolean;
}

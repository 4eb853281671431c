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
  readonly minAttempts?: number;
  readonly maxAttempts?: number;
  readonly since?: Date;
  readonly until?: Date;
}

/** Where what is asked for is: the application's own store, or the admin API of a running scheduler. */
export interface OperatorFlags extends JsonFlags {
  readonly url?: string;
}

export interface JobsListFlags extends FilterFlags, OperatorFlags {
  readonly limit: number;
  readonly cursor?: string;
  readonly failIfEmpty?: boolean;
}

export interface JobsChangeFlags extends FilterFlags, OperatorFlags {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  /** Jobs a second. */
  readonly rate?: number;
  readonly failIfEmpty?: boolean;
}

export interface EventsPurgeFlags extends FilterFlags, OperatorFlags {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  /** Events a second. */
  readonly rate?: number;
  readonly failIfEmpty?: boolean;
}

export interface TailFlags extends FilterFlags, OperatorFlags {
  readonly limit?: number;
}

export interface TestFlags extends JsonFlags {
  readonly event: string;
  readonly action?: string;
  readonly send?: boolean;
}

import type { Binding } from './bind.js';

/** What commander makes of the flags of a command that needs the application. */
export interface ConfigFlags {
  readonly config?: string;
  readonly cwd: string;
  readonly envFile?: string;
}

export interface StartFlags extends ConfigFlags {
  readonly service?: 'gateway' | 'scheduler';
  readonly bind: readonly Binding[];
}

export interface MigrationFlags extends ConfigFlags {
  readonly json?: boolean;
}

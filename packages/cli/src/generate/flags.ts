import type { GenerateRequest } from '@fragment/scaffold';

export type { Kind } from '@fragment/scaffold';

/** What commander makes of the flags of `generate`. */
export interface GenerateFlags extends Omit<GenerateRequest, 'kind' | 'name' | 'now'> {
  readonly name?: string;
  readonly comments: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/**
 * Points at jobs of one destination: by id, or by a range of event ids, both ends included. A range is a hint, not a
 * set: a lease takes whatever is due in it. `alone`: these jobs have lost a lease twice and run one at a time.
 */
export type JobRef =
  | { readonly destination: string; readonly ids: readonly string[]; readonly alone?: boolean }
  | { readonly destination: string; readonly from: string; readonly to: string };

/** Supported versions of a source or destination; a date says since when one is deprecated. */
export interface Versions {
  readonly default: string;
  readonly supported: Readonly<Record<string, Date | null>>;
}

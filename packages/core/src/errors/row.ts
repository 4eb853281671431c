/** One row of the registry: public interface, as stable as an export. */
export interface ErrorRow {
  /** HTTP status when the error answers a request. */
  readonly status: number;
  /** What happened, in one sentence. */
  readonly message: string;
  /** What to try. */
  readonly advice: string;
}

/** Keeps the codes as literal types while every row is checked. */
export const rows = <Code extends `FRAGMENT_${string}`>(
  table: Record<Code, ErrorRow>,
): Record<Code, ErrorRow> => table;

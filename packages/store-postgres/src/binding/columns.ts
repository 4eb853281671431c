import { array, type ElementType } from './arrays.js';

/** One column of rows that are bound together: its name, its cast, and how it is read from a row. */
export interface Column<Row> {
  readonly name: string;
  readonly sql: string;
  encode(rows: readonly Row[]): Buffer;
}

export const column = <Row, T>(
  name: string,
  type: ElementType<T>,
  of: (row: Row) => T | null | undefined,
): Column<Row> => ({
  name: `"${name}"`,
  sql: type.sql,
  encode: (rows) => array(type, rows.map(of)),
});

export const names = (columns: readonly { readonly name: string }[]): string =>
  columns.map((c) => c.name).join(', ');

/** `unnest($4::uuid[], ...) as alias("id", ...)`, its parameters numbered from `first`. */
export const unnest = (
  alias: string,
  columns: readonly { name: string; sql: string }[],
  first: number,
): string =>
  `unnest(${columns.map((c, i) => `$${first + i}::${c.sql}[]`).join(', ')}) as ${alias}(${names(columns)})`;

export const encode = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Buffer[] =>
  columns.map((c) => c.encode(rows));

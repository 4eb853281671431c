import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useKeys } from './keys.js';

export interface Column<T> {
  readonly id: string;
  readonly header: ReactNode;
  readonly cell: (row: T) => ReactNode;
  readonly align?: 'right';
  /** Not shown on narrower screens: `wide` from 1100 px, `medium` from 720 px. */
  readonly from?: 'medium' | 'wide';
  /** Takes what room is left, and cuts its text. */
  readonly grow?: boolean;
}

export interface Selection {
  readonly selected: ReadonlySet<string>;
  readonly onChange: (selected: ReadonlySet<string>) => void;
}

interface TableProps<T> {
  /** What is listed, for screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  /** Where a row leads. Its first column becomes the link; `j`, `k` and Enter go there by keyboard. */
  readonly href?: (row: T) => string;
  readonly selection?: Selection;
  /** Shown instead where there are no rows. */
  readonly empty?: ReactNode;
  /** Keys are for one table of a page. Default: the one with `href`. */
  readonly keys?: boolean;
}

export function Table<T>(props: TableProps<T>) {
  const { caption, columns, rows, rowKey, href, selection, empty, keys = href !== undefined } = props;
  const [, navigate] = useLocation();
  const [current, setCurrent] = useCurrentRow(rows.length, keys, (index) => {
    const row = rows[index];
    if (row !== undefined && href) navigate(href(row));
  });
  const body = useRef<HTMLTableSectionElement>(null);
  useEffect(() => {
    if (current >= 0) body.current?.rows[current]?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  if (rows.length === 0 && empty !== undefined) return empty;
  return (
    <div className="table-scroll">
      <table className="table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {selection && <SelectAll selection={selection} keysOfRows={rows.map(rowKey)} />}
            {columns.map((column) => (
              <th key={column.id} scope="col" className={classOf(column)}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row, index) => (
            <tr
              key={rowKey(row)}
              aria-current={index === current || undefined}
              className={href ? 'row-link' : undefined}
              onClick={({ target }) => {
                // Beside the links and buttons of the row, and not while text is being selected.
                const within =
                  target instanceof Element && target.closest('a, button, input, label, summary');
                if (within || window.getSelection()?.toString()) return;
                setCurrent(index);
                if (href) navigate(href(row));
              }}
            >
              {selection && <SelectRow selection={selection} id={rowKey(row)} />}
              {columns.map((column, at) => (
                <td key={column.id} className={classOf(column)}>
                  {at === 0 && href ? <Link href={href(row)}>{column.cell(row)}</Link> : column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function classOf<T>({ align, from, grow }: Column<T>): string | undefined {
  return (
    [align && 'cell-right', from && `from-${from}`, grow && 'cell-grow'].filter(Boolean).join(' ') ||
    undefined
  );
}

/** The row that `j` and `k` have come to; -1 before they are used. */
function useCurrentRow(length: number, keys: boolean, open: (index: number) => void) {
  const [at, setAt] = useState(-1);
  const current = Math.min(at, length - 1);
  useKeys(
    keys && length > 0
      ? {
          j: { label: 'Next row', run: () => setAt(Math.min(current + 1, length - 1)) },
          k: { label: 'Row before', run: () => setAt(Math.max(current - 1, 0)) },
          Enter: { label: 'Open the row', run: () => open(current) },
        }
      : {},
  );
  return [current, setAt] as const;
}

function SelectAll({
  selection,
  keysOfRows,
}: {
  readonly selection: Selection;
  readonly keysOfRows: readonly string[];
}) {
  const { selected, onChange } = selection;
  const all = keysOfRows.length > 0 && keysOfRows.every((key) => selected.has(key));
  return (
    <th scope="col" className="cell-check">
      <input
        type="checkbox"
        aria-label="Select all rows"
        checked={all}
        onChange={() => onChange(new Set(all ? [] : keysOfRows))}
      />
    </th>
  );
}

function SelectRow({ selection, id }: { readonly selection: Selection; readonly id: string }) {
  const { selected, onChange } = selection;
  const toggled = (): ReadonlySet<string> =>
    selected.has(id) ? new Set([...selected].filter((each) => each !== id)) : new Set([...selected, id]);
  return (
    <td className="cell-check">
      <input
        type="checkbox"
        aria-label="Select this row"
        checked={selected.has(id)}
        onChange={() => onChange(toggled())}
      />
    </td>
  );
}

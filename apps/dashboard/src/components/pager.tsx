import type { ReactNode } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { ListMeta } from '../api/types.js';
import { formatNumberOf } from '../format/number.js';
import { Button } from './button.js';

/** The cursor of the page of a list that is shown; it lives in the address. */
export const useCursor = (): string | undefined =>
  new URLSearchParams(useSearch()).get('cursor') ?? undefined;

interface PagerProps {
  readonly meta: ListMeta;
  /** What is listed, in the singular. */
  readonly of: string;
  /** Beside the count. */
  readonly children?: ReactNode;
}

/** Leads through a list by cursor: on to older ones, and back to the newest. The browser's own way back works too. */
export function Pager({ meta, of, children }: PagerProps) {
  const search = useSearch();
  const [location, navigate] = useLocation();
  const cursor = useCursor();
  const go = (next: string | undefined): void => {
    const parameters = new URLSearchParams(search);
    parameters.delete('cursor');
    if (next !== undefined) parameters.set('cursor', next);
    const query = parameters.toString();
    navigate(query ? `${location}?${query}` : location);
    window.scrollTo({ top: 0 });
  };
  const next = meta.next_cursor ?? undefined;
  return (
    <nav className="pager" aria-label="Pages">
      <span className="muted">{formatNumberOf(meta.count, of, meta.count_is_capped)}</span>
      {children}
      <span className="pager-buttons">
        {cursor !== undefined && (
          <>
            <Button size="small" onClick={() => go(undefined)}>
              Newest
            </Button>
            <Button size="small" onClick={() => window.history.back()}>
              ← Back
            </Button>
          </>
        )}
        {(cursor !== undefined || next !== undefined) && (
          <Button size="small" disabled={next === undefined} onClick={() => go(next)}>
            Older →
          </Button>
        )}
      </span>
    </nav>
  );
}

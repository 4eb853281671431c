import { useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { FilterName } from './fields.js';
import { addFilter, readFilters, removeFilter, writeFilters, type Filters } from './filters.js';

export interface FilterControl {
  readonly filters: Filters;
  readonly add: (name: FilterName, value: string) => void;
  /** Without a value: the whole filter. */
  readonly remove: (name: FilterName, value?: string) => void;
  readonly set: (filters: Filters) => void;
  readonly clear: () => void;
}

/** The filters of a page. They live in its address: a link carries them, and the way back undoes them. */
export function useFilters(): FilterControl {
  const search = useSearch();
  const [location, navigate] = useLocation();
  const filters = useMemo(() => readFilters(search), [search]);
  const set = (next: Filters): void => {
    const query = writeFilters(next, search).toString();
    navigate(query ? `${location}?${query}` : location);
  };
  return {
    filters,
    set,
    add: (name, value) => set(addFilter(filters, name, value)),
    remove: (name, value) => set(removeFilter(filters, name, value)),
    clear: () => set({}),
  };
}

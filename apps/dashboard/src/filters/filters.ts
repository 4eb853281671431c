import { fieldOf, isFilterName, takesSeveral, type FilterName } from './fields.js';

/** Filters that are set, each with its values as texts. A filter that takes one value has exactly one. */
export type Filters = Readonly<Partial<Record<FilterName, readonly string[]>>>;

/** A filter as the body of a write holds it: `{ "jobs.status_in": ["failed"] }`. */
export type Where = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** The filters in the query of an address. What is no filter, or empty, is left out. */
export function readFilters(search: string | URLSearchParams): Filters {
  const parameters = new URLSearchParams(search);
  const filters: Partial<Record<FilterName, readonly string[]>> = {};
  for (const name of new Set(parameters.keys())) {
    if (!isFilterName(name)) continue;
    const values = [...new Set(parameters.getAll(name).filter((value) => value !== ''))];
    if (values.length > 0) filters[name] = takesSeveral(name) ? values : values.slice(-1);
  }
  return filters;
}

/** The query of an address with these filters. What else was in it stays, the cursor apart: it belongs to another list. */
export function writeFilters(filters: Filters, search: string | URLSearchParams = ''): URLSearchParams {
  const kept = [...new URLSearchParams(search)].filter(([name]) => !isFilterName(name) && name !== 'cursor');
  const parameters = new URLSearchParams(kept);
  for (const [name, value] of filterEntries(filters)) parameters.append(name, value);
  return parameters;
}

/** One pair per value, as a chip shows it. */
export const filterEntries = (filters: Filters): readonly (readonly [FilterName, string])[] =>
  Object.entries(filters).flatMap(([name, values]) =>
    isFilterName(name) ? values.map((value) => [name, value] as const) : [],
  );

/** With one more value; of a filter that takes one, the new instead of the old. */
export function addFilter(filters: Filters, name: FilterName, value: string): Filters {
  const before = takesSeveral(name) ? (filters[name] ?? []) : [];
  return { ...filters, [name]: [...new Set([...before, value])] };
}

/** Without one value, or without the whole filter. */
export function removeFilter(filters: Filters, name: FilterName, value?: string): Filters {
  const rest = value === undefined ? [] : (filters[name] ?? []).filter((each) => each !== value);
  return Object.fromEntries(
    Object.entries({ ...filters, [name]: rest }).filter(([, values]) => values.length > 0),
  );
}

/** For the body of a write. */
export function whereOf(filters: Filters): Where {
  return Object.fromEntries(
    Object.entries(filters).map(([name, values]) => [
      name,
      isFilterName(name) ? typed(name, values) : values,
    ]),
  );
}

function typed(name: FilterName, values: readonly string[]): Where[string] {
  const [value = ''] = values;
  switch (fieldOf(name).kind) {
    case 'list':
    case 'statuses':
      return values;
    case 'count':
      return Number(value);
    case 'flag':
      return value === 'true';
    default:
      return value;
  }
}

/** Filters from an order's `where` or a list's `meta.where`, which hold those of jobs nested below `jobs` and `transitions`. */
export function filtersOfWhere(where: Readonly<Record<string, unknown>>): Filters {
  const parameters = new URLSearchParams();
  for (const [name, value] of flat(where)) {
    for (const each of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (['string', 'number', 'boolean'].includes(typeof each)) parameters.append(name, String(each));
    }
  }
  return readFilters(parameters);
}

function flat(where: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(where).flatMap(([name, value]) =>
    (name === 'jobs' || name === 'transitions' || name === 'events') &&
    typeof value === 'object' &&
    value !== null
      ? flat(value as Readonly<Record<string, unknown>>)
      : [[name, value] as const],
  );
}

/** Address of a page with filters set, for links: `` filteredHref('/jobs', { 'jobs.status_in': ['failed'] }) ``. */
export const filteredHref = (page: string, filters: Filters): string => {
  const search = writeFilters(filters).toString();
  return search ? `${page}?${search}` : page;
};

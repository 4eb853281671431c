import { writeFilters, type Filters } from './filters.js';

/** Formats of a download, by the names that the API gives them. */
export const EXPORT_FORMATS = { csv: 'CSV', ndjson: 'NDJSON' } as const;

export type ExportFormat = keyof typeof EXPORT_FORMATS;

/** What can be downloaded whole. */
export type ExportedList = 'events' | 'jobs' | 'rejections';

/** The endpoint of a download and its query: all that match the filters, whatever page of the list is shown. */
export function exportAddress(
  list: ExportedList,
  format: ExportFormat,
  filters: Filters = {},
): { readonly endpoint: string; readonly query: URLSearchParams } {
  const query = writeFilters(filters);
  query.set('format', format);
  return { endpoint: `store/${list}/export`, query };
}

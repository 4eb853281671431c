import { apiUrl } from '../api/client.js';
import { EXPORT_FORMATS, exportAddress, type ExportedList, type ExportFormat } from './export-address.js';
import type { Filters } from './filters.js';

const formats = Object.keys(EXPORT_FORMATS) as readonly ExportFormat[];

interface ExportLinksProps {
  readonly list: ExportedList;
  /** Default: none, for the whole list. */
  readonly filters?: Filters;
}

/** Plain links, so that the browser saves what comes as it comes: the session's cookie lets it in. */
export function ExportLinks({ list, filters }: ExportLinksProps) {
  return (
    <span className="export-links">
      <span className="muted">Download all as</span>
      {formats.map((format) => {
        const { endpoint, query } = exportAddress(list, format, filters);
        return (
          <a key={format} href={apiUrl(endpoint, query)} download={`fragment-${list}.${format}`}>
            {EXPORT_FORMATS[format]}
          </a>
        );
      })}
    </span>
  );
}

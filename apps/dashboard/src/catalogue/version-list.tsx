import type { Versions } from '../api/types.js';
import { StatusBadge } from '../components/status-badge.js';
import { Instant } from '../components/values.js';

interface VersionListProps {
  readonly versions: Versions | null;
  readonly preferred: string;
}

/** Versions of a source or destination, with the day from which one is no longer kept up. */
export function VersionList({ versions, preferred }: VersionListProps) {
  const entries = Object.entries(versions ?? {});
  if (entries.length === 0) return <span className="muted">not versioned</span>;
  return (
    <ul className="row">
      {entries.map(([version, deprecatedAt]) => (
        <li key={version} className="row">
          <code>{version}</code>
          {version === preferred && <StatusBadge status="default" tone="info" />}
          {deprecatedAt !== null && (
            <>
              <StatusBadge status="deprecated" tone="warn" /> <Instant at={deprecatedAt} />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

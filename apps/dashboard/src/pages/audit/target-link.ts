import type { AuditEntry } from '../../api/types.js';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const ORDER = new RegExp(`^(?:retry |discard |replay |purge )?(${UUID})$`, 'i');
const EVENT = new RegExp(`^${UUID}$`, 'i');
const JOB = new RegExp(`^${UUID}\\.\\d{1,6}$`, 'i');

/** Page of what was acted on, where there is one. Events and jobs may be gone by now; their page says so. */
export function targetHref({ action, target }: AuditEntry): string | undefined {
  if (target === null) return undefined;
  const [kind] = action.split('.');
  switch (kind) {
    case 'lane':
    case 'destination':
      return `/destinations/${encodeURIComponent(target)}`;
    case 'trigger':
      return `/sources/${encodeURIComponent(target.split('/', 1)[0] ?? '')}`;
    case 'bulk':
    case 'store': {
      const id = ORDER.exec(target)?.[1];
      return id === undefined ? undefined : `/orders/${id}`;
    }
    case 'event':
      return EVENT.test(target) ? `/events/${target}` : undefined;
    case 'job':
      return JOB.test(target) ? `/jobs/${target}` : undefined;
    default:
      return undefined;
  }
}

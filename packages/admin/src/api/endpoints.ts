import type { Endpoint } from './endpoint.js';
import { exportEndpoints } from './export.js';
import { migrationEndpoints } from './migrations.js';
import { openApiOf } from './openapi.js';
import { operatingEndpoints } from './operate.js';
import { oversightEndpoints } from './oversee.js';
import { purgeEndpoints } from './purge.js';
import { applicationEndpoints } from './read-application.js';
import { storeEndpoints } from './read-store.js';
import { sessionEndpoints } from './session.js';
import { streamEndpoint } from './stream.js';
import { userEndpoints } from './users.js';

/** The whole of the admin API. What several requests share, open streams and failed logins, is this list's own. */
export function adminEndpoints(basePath: string): readonly Endpoint[] {
  const endpoints: Endpoint[] = [
    ...sessionEndpoints(),
    ...applicationEndpoints,
    // Before the events and jobs by id, whose paths look alike.
    ...exportEndpoints(),
    streamEndpoint(),
    ...storeEndpoints,
    ...oversightEndpoints,
    ...migrationEndpoints,
    ...operatingEndpoints,
    ...userEndpoints,
    ...purgeEndpoints,
  ];
  endpoints.push({
    method: 'GET',
    path: '/api/openapi.json',
    role: 'read',
    summary: 'This description',
    handle: () => ({ raw: openApiOf(endpoints, basePath) }),
  });
  return endpoints;
}

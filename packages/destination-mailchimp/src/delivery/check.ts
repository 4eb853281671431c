import { paths } from '../vendor.js';
import type { Api } from './api.js';

/** Reads the audience: is the key right, and is the audience there? */
export async function check(
  { settings, client }: Api,
  signal: AbortSignal,
): Promise<'ok' | 'refused' | 'unknown'> {
  const reply = await client.request({
    method: 'GET',
    path: paths.audience(settings.mapping.audienceId),
    signal,
  });
  if (reply.kind === 'failure') return 'unknown';
  if (reply.status === 200) return 'ok';
  // Without JSON it is the edge that answers, which knows nothing of keys.
  return [401, 403, 404].includes(reply.status) && reply.json !== undefined ? 'refused' : 'unknown';
}

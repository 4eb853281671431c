import type { HttpReply } from '@fragment/http-client';
import { paths } from '../vendor.js';
import { refusedKey } from './answers.js';
import type { Api } from './api.js';

type Checked = 'ok' | 'refused' | 'unknown';

/**
 * Do the keys work? Asked by calls that change nothing.
 *
 * With the secret key: a search for a user nobody has, which the Dashboard REST API answers only to the right pair.
 * Without it there is no call that proves an API key right: an upload of no events is refused either way, and Amplitude
 * does not say whether it looks at the key before it misses the events. So that upload can prove a key wrong, no more.
 */
export async function checkKeys(api: Api, signal: AbortSignal): Promise<Checked> {
  const { apiKey, secretKey } = api.settings;
  if (secretKey !== undefined) {
    const credentials = Buffer.from(`${apiKey}:${secretKey}`).toString('base64');
    const reply = await api.dashboard.request({
      method: 'GET',
      path: paths.userSearch,
      query: { user: 'fragment-check' },
      headers: { authorization: `Basic ${credentials}` },
      signal,
    });
    return isSuccess(reply) ? 'ok' : refusal(reply);
  }
  const reply = await api.events.request({
    method: 'POST',
    path: api.upload.path,
    json: { api_key: apiKey, events: [] },
    signal,
  });
  return refusal(reply);
}

const isSuccess = (reply: HttpReply): boolean =>
  reply.kind === 'answer' && reply.status === 200 && reply.json !== undefined;

function refusal(reply: HttpReply): Checked {
  if (reply.kind === 'failure') return 'unknown';
  const refused = reply.status === 401 || reply.status === 403 || refusedKey(reply) !== undefined;
  return refused ? 'refused' : 'unknown';
}

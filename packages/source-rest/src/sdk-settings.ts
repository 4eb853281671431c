import { FragmentError, type HttpTrigger, type IncomingRequest, type NoEvent } from '@fragment/core';
import type { RestSettings } from './options.js';
import type { KeyRing } from './write-keys.js';

/**
 * `GET /v1/projects/:writeKey/settings`, which analytics.js and the mobile SDKs ask before they send anything. The
 * answer makes them send here.
 */
export function settingsTrigger(settings: RestSettings, keys: KeyRing): HttpTrigger {
  return {
    name: 'settings',
    mode: 'http',
    route: { methods: ['GET'], path: `${settings.prefix}/v1/projects/:writeKey/settings` },
    extract: (request) => settingsFor(request, settings, keys),
  };
}

/** @throws {FragmentError} FRAGMENT_INGEST_PROJECT_UNKNOWN. */
function settingsFor(request: IncomingRequest, settings: RestSettings, keys: KeyRing): NoEvent {
  const writeKey = request.params?.['writeKey'] ?? '';
  if (writeKey === '' || !keys.admits(writeKey)) {
    throw new FragmentError('FRAGMENT_INGEST_PROJECT_UNKNOWN', { rejection: {} });
  }
  return {
    noEvent: 'sdk settings',
    reply: {
      status: 200,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        // Private: it names the host that was asked for, which must not become another browser's answer.
        'cache-control': 'private, max-age=60',
      },
      body: JSON.stringify(sdkSettings(writeKey, addressToSendTo(request, settings))),
    },
  };
}

interface SendTo {
  /** Host, path and `/v1`, without a scheme: analytics.js wants it so. */
  readonly apiHost: string;
  readonly protocol: string;
}

/** Undefined when nobody knows: the SDK then uses what its own options say. */
function addressToSendTo({ base }: IncomingRequest, { publicUrl, prefix }: RestSettings): SendTo | undefined {
  const url = publicUrl ?? (base !== undefined && URL.canParse(base) ? new URL(base) : undefined);
  if (url === undefined) return undefined;
  const path = url.pathname.replace(/\/$/, '');
  return { apiHost: `${url.host}${path}${prefix}/v1`, protocol: url.protocol.slice(0, -1) };
}

/**
 * What analytics.js calls its CDN settings. `Segment.io` alone: for any other destination it would fetch code from
 * Segment's CDN. Every event passes, and the SDK's reports on itself, which nobody reads, are switched off.
 */
function sdkSettings(apiKey: string, sendTo: SendTo | undefined): object {
  return {
    integrations: { 'Segment.io': { apiKey, ...sendTo } },
    plan: { track: { __default: { enabled: true, integrations: {} } } },
    metrics: { sampleRate: 0 },
  };
}

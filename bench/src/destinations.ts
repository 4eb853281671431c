import type { Destination } from '@fragment/core';
import { amplitude } from '@fragment/destination-amplitude';
import { log } from '@fragment/destination-log';
import { mailchimp } from '@fragment/destination-mailchimp';
import { segment } from '@fragment/destination-segment';
import { webhook } from '@fragment/destination-webhook';
import {
  startFakeAmplitude,
  startFakeMailchimp,
  startFakeSegment,
  startFakeWebhook,
  type FakeVendor,
} from '@fragment/testing';
import { identifyEvent, trackEvent } from './event.js';

/** A destination under measurement, and the strict fake of its vendor. */
export interface Measured {
  readonly type: 'track' | 'identify';
  readonly message: () => string;
  /** Absent: it makes no requests. */
  readonly vendor?: () => Promise<FakeVendor>;
  readonly destination: (vendorUrl: string) => Destination;
}

const apiKey = 'bench-key-us20';
const audienceId = 'a1b2c3d4e5';
const track = { type: 'track', message: trackEvent } as const;
const identify = { type: 'identify', message: identifyEvent } as const;

const amplitudeBy = (api: 'http' | 'batch'): Measured => ({
  ...track,
  vendor: () => startFakeAmplitude({ apiKey }),
  destination: (endpoint) => amplitude({ apiKey, endpoint, api }),
});

export const measured: Readonly<Record<string, Measured>> = {
  'amplitude, http': amplitudeBy('http'),
  'amplitude, batch': amplitudeBy('batch'),
  mailchimp: {
    ...identify,
    vendor: () => startFakeMailchimp({ apiKey, audienceId }),
    destination: (endpoint) => mailchimp({ apiKey, audienceId, endpoint }),
  },
  segment: {
    ...track,
    vendor: () => startFakeSegment({ writeKey: apiKey }),
    destination: (endpoint) => segment({ writeKey: apiKey, endpoint }),
  },
  webhook: {
    ...track,
    vendor: () => startFakeWebhook(),
    destination: (url) =>
      webhook({
        url: `${url}/hook`,
        allowHttp: true,
        allow: ['127.0.0.1'],
        batch: { maxJobs: 100, maxBytes: 1_000_000 },
      }),
  },
  log: { ...track, destination: () => log() },
};

/** The same destination with calls of one job. */
export const single = (destination: Destination): Destination => ({
  ...destination,
  actions: destination.actions.map((action) => ({ ...action, batch: { maxJobs: 1 } })),
});

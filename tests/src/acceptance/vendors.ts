import type { Destination } from '@fragment/core';
import { amplitude, type AmplitudeOptions } from '@fragment/destination-amplitude';
import { mailchimp } from '@fragment/destination-mailchimp';
import { segment, type SegmentOptions } from '@fragment/destination-segment';
import {
  startFakeAmplitude,
  startFakeMailchimp,
  startFakeSegment,
  type FakeAmplitude,
  type FakeMailchimp,
  type FakeSegment,
} from '@fragment/testing';

/** The strict fakes of the three vendors, and the destinations of the tutorial pointing at them. */
export interface Vendors {
  readonly amplitude: FakeAmplitude;
  readonly mailchimp: FakeMailchimp;
  readonly segment: FakeSegment;
  destinations(o?: {
    readonly amplitude?: Partial<AmplitudeOptions>;
    readonly segment?: Partial<SegmentOptions>;
  }): readonly Destination[];
  stop(): Promise<void>;
}

export const keys = {
  amplitude: 'amplitude-key-of-the-test',
  mailchimp: 'mailchimp-key-of-the-test-us20',
  segment: 'segment-key-of-the-test',
} as const;
export const audienceId = 'a1b2c3d4e5';

export async function startVendors(): Promise<Vendors> {
  const [amplitudeApi, mailchimpApi, segmentApi] = await Promise.all([
    startFakeAmplitude({ apiKey: keys.amplitude }),
    startFakeMailchimp({ apiKey: keys.mailchimp, audienceId }),
    startFakeSegment({ writeKey: keys.segment }),
  ]);
  return {
    amplitude: amplitudeApi,
    mailchimp: mailchimpApi,
    segment: segmentApi,
    destinations: (o = {}) => [
      amplitude({ apiKey: keys.amplitude, endpoint: amplitudeApi.url, ...o.amplitude }),
      mailchimp({
        apiKey: keys.mailchimp,
        datacenterId: 'us20',
        audienceId,
        enableDoubleOptIn: true,
        endpoint: mailchimpApi.url,
      }),
      segment({ writeKey: keys.segment, endpoint: segmentApi.url, ...o.segment }),
    ],
    async stop() {
      await Promise.all([amplitudeApi.stop(), mailchimpApi.stop(), segmentApi.stop()]);
    },
  };
}

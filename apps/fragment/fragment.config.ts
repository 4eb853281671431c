import { amplitude } from '@fragment/destination-amplitude';
import { mailchimp } from '@fragment/destination-mailchimp';
import { segment } from '@fragment/destination-segment';
import { webhook } from '@fragment/destination-webhook';
import { defineApplication, rest, segmentflow, whenSet, writeKeysFrom } from '@fragment/runtime';

/** Base URL of a vendor's API, instead of the public one. */
const endpoint = (url: string | undefined) => (url ? { endpoint: url } : {});

export default defineApplication((env) => ({
  sources: [
    rest({
      showMeta: true,
      showData: true,
      writeKeys: writeKeysFrom(env),
      flows: segmentflow,
    }),
  ],
  // Each is registered when its variables are set. With none of them `log` takes their place.
  destinations: [
    whenSet(env, 'amplitude', ['AMPLITUDE_API_KEY'], (set) =>
      amplitude({
        apiKey: set.AMPLITUDE_API_KEY,
        ...endpoint(env['AMPLITUDE_ENDPOINT']),
      }),
    ),
    whenSet(env, 'mailchimp', ['MAILCHIMP_API_KEY', 'MAILCHIMP_DATACENTER', 'MAILCHIMP_AUDIENCE'], (set) =>
      mailchimp({
        apiKey: set.MAILCHIMP_API_KEY,
        datacenterId: set.MAILCHIMP_DATACENTER,
        audienceId: set.MAILCHIMP_AUDIENCE,
        enableDoubleOptIn: true,
        ...endpoint(env['MAILCHIMP_ENDPOINT']),
      }),
    ),
    whenSet(env, 'segment', ['SEGMENT_WRITE_KEY'], (set) =>
      segment({
        writeKey: set.SEGMENT_WRITE_KEY,
        ...endpoint(env['SEGMENT_ENDPOINT']),
      }),
    ),
    whenSet(env, 'webhook', ['WEBHOOK_URL'], (set) =>
      webhook({
        url: set.WEBHOOK_URL,
        ...(env['WEBHOOK_SECRET'] ? { secret: env['WEBHOOK_SECRET'] } : {}),
      }),
    ),
  ],
}));

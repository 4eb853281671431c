import type { Destination } from '@fragment/core';
import { createHttpClient } from '@fragment/http-client';
import type { Api } from './delivery/api.js';
import { check } from './delivery/check.js';
import { identifyAction } from './delivery/identify-action.js';
import { trackAction } from './delivery/track-action.js';
import { integrationName } from './mapping/contact.js';
import { readOptions, type MailchimpOptions } from './options.js';

export type { MailchimpOptions } from './options.js';

/** Mailchimp is known to take long; a repaired upsert makes two requests within one load. */
const timeoutMs = 25_000;

/**
 * Keeps the contacts of a Mailchimp audience up to date.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with everything that is wrong with the options.
 */
export function mailchimp(options: MailchimpOptions): Destination {
  const settings = readOptions(options);
  const { apiKey, name, baseUrl, allowPrivate, trackEvents, concurrency, otherDatacenter } = settings;
  const authorization = `Basic ${Buffer.from(`fragment:${apiKey}`).toString('base64')}`;
  const client = createHttpClient({
    baseUrl,
    allowPrivate,
    headers: { authorization },
    secrets: [apiKey],
    timeoutMs,
  });
  const api: Api = { settings, client };

  return {
    name,
    accepts: 'segment',
    integrations: [integrationName],
    actions: [identifyAction(api), ...(trackEvents ? [trackAction(api)] : [])],
    // Two upserts of one contact at once are answered 404, and the last one wins.
    ordering: 'user',
    limits: { concurrency },
    ...(options.schedule && { schedule: options.schedule }),
    options: { endpoint: baseUrl, trackEvents, concurrency, ...settings.mapping },
    async init({ logger }) {
      if (otherDatacenter)
        logger.warn(
          { destination: name, ...otherDatacenter },
          'The Mailchimp key names another datacenter than datacenterId',
        );
      return Promise.resolve();
    },
    check: ({ signal }) => check(api, signal),
    shutdown: () => client.close(),
  };
}

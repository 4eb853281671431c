import type { Destination } from '@fragment/core';
import { createHttpClient } from '@fragment/http-client';
import type { Api } from './delivery/api.js';
import { check } from './delivery/check.js';
import { identifyAction } from './delivery/identify-action.js';
import { trackAction } from './delivery/track-action.js';
import { Turns } from './delivery/turns.js';
import { integrationName } from './mapping/contact.js';
import { readOptions, type MailchimpOptions } from './options.js';

export type { MailchimpBatchOptions, MailchimpOptions } from './options.js';

/** Mailchimp is known to take long: two minutes at most by its own account. */
const timeoutMs = 25_000;

/** A call begins no request after 30 s; the last contact it began may take an upsert, its repair and its tags. */
const loadTimeoutMs = 120_000;

/**
 * Keeps the contacts of a Mailchimp audience up to date.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with everything that is wrong with the options.
 */
export function mailchimp<const Name extends string = 'mailchimp'>(
  options: MailchimpOptions & { readonly name?: Name },
): Destination<NoInfer<Name>, 'identify' | 'track'>;
export function mailchimp(options: MailchimpOptions): Destination {
  const settings = readOptions(options);
  const { apiKey, name, baseUrl, allowPrivate, otherDatacenter } = settings;
  const { trackEvents, batchSubscribe, maxWaitMs, ordering, concurrency, mapping } = settings;
  const authorization = `Basic ${Buffer.from(`fragment:${apiKey}`).toString('base64')}`;
  const client = createHttpClient({
    baseUrl,
    allowPrivate,
    headers: { authorization },
    secrets: [apiKey],
    timeoutMs,
  });
  const api: Api = { settings, client, turns: new Turns(concurrency) };

  return {
    name,
    accepts: 'segment',
    integrations: [integrationName],
    actions: [identifyAction(api), ...(trackEvents ? [trackAction(api)] : [])],
    // The last upsert wins. The order is the user's and not the address's, which stands in the traits, where no queue looks.
    ordering,
    limits: { concurrency, loadTimeoutMs },
    ...(options.schedule && { schedule: options.schedule }),
    options: {
      endpoint: baseUrl,
      trackEvents,
      batchSubscribe,
      batch: { maxWaitMs },
      concurrency,
      ...mapping,
    },
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

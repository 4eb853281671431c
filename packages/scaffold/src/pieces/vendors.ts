import type { Vendor } from '../request.js';

/** How an application registers one of our destinations. */
export interface VendorEntry {
  readonly title: string;
  /** Without all of these it is not registered. */
  readonly variables: readonly string[];
  /** What they are, for `.env.example`. */
  readonly about: string;
  /** Its options, as code. */
  readonly options: string;
}

export const vendorEntries: Readonly<Record<Vendor, VendorEntry>> = {
  amplitude: {
    title: 'Amplitude',
    variables: ['AMPLITUDE_API_KEY'],
    about: 'the API key of the project',
    options: '{ apiKey: set.AMPLITUDE_API_KEY }',
  },
  mailchimp: {
    title: 'Mailchimp',
    variables: ['MAILCHIMP_API_KEY', 'MAILCHIMP_AUDIENCE'],
    about: 'an API key, with its data center after the dash, and the id of the audience',
    options: '{ apiKey: set.MAILCHIMP_API_KEY, audienceId: set.MAILCHIMP_AUDIENCE }',
  },
  segment: {
    title: 'Segment',
    variables: ['SEGMENT_WRITE_KEY'],
    about: 'the write key of the source that shall receive the events',
    options: '{ writeKey: set.SEGMENT_WRITE_KEY }',
  },
  webhook: {
    title: 'Webhook',
    variables: ['WEBHOOK_URL', 'WEBHOOK_SECRET'],
    about: `a https URL, and what requests are signed with: node -p "'whsec_' + crypto.randomBytes(32).toString('base64')"`,
    options: '{ url: set.WEBHOOK_URL, secret: set.WEBHOOK_SECRET }',
  },
};

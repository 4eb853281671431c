import { loadCases, startFakeMailchimp, testDestination } from '@fragment/testing';
import { describe, expect, it } from '@jest/globals';
import { mailchimp } from './index.js';

const apiKey = 'mailchimp-secret-us20';

testDestination(
  {
    name: 'mailchimp',
    create: (endpoint, options) =>
      mailchimp({ apiKey, audienceId: 'list1', trackEvents: true, endpoint, ...options }),
    fake: () =>
      startFakeMailchimp({
        apiKey,
        audienceId: 'list1',
        mergeFields: {
          FNAME: { type: 'text' },
          LNAME: { type: 'text' },
          PHONE: { type: 'phone' },
          ADDRESS: { type: 'address' },
          BIRTHDAY: { type: 'birthday' },
          SHIPTO: { type: 'address' },
          BDAY: { type: 'birthday' },
          AGE: { type: 'number' },
          SINCE: { type: 'date' },
        },
        inCompliance: ['left@shop.test'],
        forgotten: ['gone@shop.test'],
        busy: ['busy@shop.test'],
      }),
    cases: await loadCases(new URL('../cases/', import.meta.url)),
    secrets: [apiKey],
  },
  { describe, it, expect },
);

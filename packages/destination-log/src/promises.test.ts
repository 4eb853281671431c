import { describe, it } from '@jest/globals';
import { startFakeVendor, testDestination } from '@fragment/testing';
import { log } from './index.js';

testDestination(
  {
    name: 'log',
    // It calls nobody: whatever came here would be answered, and be a fault.
    create: (_, options) => log({ showData: true, ...options }),
    fake: () => startFakeVendor(() => ({ status: 500 })),
    cases: [
      {
        name: 'Every type succeeds without a request',
        events: ['identify', 'track', 'page', 'screen', 'group', 'alias'].map((type) => ({ type })),
        requests: [],
      },
    ],
  },
  { describe, it },
);

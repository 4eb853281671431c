import { describe, expect, it } from '@jest/globals';
import { loadCases, startFakeSegment, testDestination } from '@fragment/testing';
import { segment } from './index.js';

const writeKey = 'wr1te-key';

testDestination(
  {
    name: 'segment',
    create: (endpoint, options) => segment({ writeKey, endpoint, ...options }),
    fake: () => startFakeSegment({ writeKey }),
    cases: await loadCases(new URL('../cases/', import.meta.url)),
    secrets: [writeKey],
  },
  { describe, expect, it },
);

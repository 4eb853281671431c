import { loadCases, startFakeAmplitude, testDestination } from '@fragment/testing';
import { describe, expect, it } from '@jest/globals';
import { amplitude } from './index.js';

const keys = { apiKey: 'amplitude-key', secretKey: 'amplitude-secret' };

testDestination(
  {
    name: 'amplitude',
    create: (endpoint, options) => amplitude({ ...keys, endpoint, alias: true, ...options }),
    fake: () => startFakeAmplitude(keys),
    cases: await loadCases(new URL('../cases/', import.meta.url)),
    secrets: Object.values(keys),
  },
  { describe, it, expect },
);

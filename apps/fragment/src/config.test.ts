import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { createFragment, resolveDefinition, type Environment, type Fragment } from '@fragment/runtime';
import definition from '../fragment.config.js';

const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');

const fragmentOf = async (env: Environment): Promise<Fragment> => {
  const { options } = await resolveDefinition(definition, env);
  return createFragment({ ...options, dataDir: '/nowhere', logLevel: 'silent' }, { env });
};

const vendors = {
  AMPLITUDE_API_KEY: 'amplitude-key',
  MAILCHIMP_API_KEY: 'mailchimp-key',
  MAILCHIMP_DATACENTER: 'us6',
  MAILCHIMP_AUDIENCE: 'audience',
  SEGMENT_WRITE_KEY: 'segment-key',
  WEBHOOK_URL: 'https://hooks.example.com/in?key=1',
};
const webhookSecret = `whsec_${Buffer.alloc(32, 'w').toString('base64')}`;
const endpoints = {
  AMPLITUDE_ENDPOINT: 'http://127.0.0.1:1001',
  MAILCHIMP_ENDPOINT: 'http://127.0.0.1:1002',
  SEGMENT_ENDPOINT: 'http://127.0.0.1:1003',
};

describe('the configuration of the tutorial', () => {
  it('serves the Segment API and logs, when nothing is set', async () => {
    const { app } = await fragmentOf({});
    expect(app.destinations.map(({ name }) => name)).toEqual(['log']);
    expect(app.routes.flatMap(({ trigger }) => trigger.route.path)).toContain('/v1/identify');
  });

  it('registers each destination whose variables are set, at the endpoint that is named', async () => {
    const { app } = await fragmentOf({ ...vendors, ...endpoints });
    expect(app.destinations.map(({ name, options }) => [name, options?.['endpoint']])).toEqual([
      ['amplitude', endpoints.AMPLITUDE_ENDPOINT],
      ['mailchimp', endpoints.MAILCHIMP_ENDPOINT],
      ['segment', endpoints.SEGMENT_ENDPOINT],
      ['webhook', 'https://hooks.example.com'],
    ]);
    const { app: half } = await fragmentOf({ ...vendors, MAILCHIMP_AUDIENCE: '', WEBHOOK_URL: '' });
    expect(half.destinations.map(({ name }) => name)).toEqual(['amplitude', 'segment']);
  });

  it('signs webhooks when there is a secret', async () => {
    const { WEBHOOK_URL } = vendors;
    for (const [env, signed] of [
      [{ WEBHOOK_URL }, false],
      [{ WEBHOOK_URL, WEBHOOK_SECRET: webhookSecret }, true],
    ] as const) {
      const { app } = await fragmentOf(env);
      expect(app.destinations.map(({ options }) => options?.['signed'])).toEqual([signed]);
    }
  });

  it('wants write keys in production', async () => {
    const env = { NODE_ENV: 'production' };
    await expect(fragmentOf(env)).rejects.toMatchObject({ code: 'FRAGMENT_WRITE_KEYS_REQUIRED' });
    const { app } = await fragmentOf({ ...env, FRAGMENT_WRITE_KEYS: 'website:a-key' });
    expect(app.sources[0]?.options?.['writeKeys']).toEqual([{ name: 'website', enabled: true }]);
  });
});

describe('.env.example', () => {
  it('changes nothing as it is, and names every variable', () => {
    expect(parseEnv(example)).toEqual({});
    const uncommented = parseEnv(example.replaceAll(/^#(?=[A-Z_]+=)/gm, ''));
    expect(Object.keys(uncommented).sort()).toEqual(
      [
        ...Object.keys(vendors),
        ...Object.keys(endpoints),
        'WEBHOOK_SECRET',
        'POSTGRES_STORE_URL',
        'REDIS_URL',
        'FRAGMENT_DATA_DIR',
        'FRAGMENT_HOST',
        'FRAGMENT_GATEWAY_PORT',
        'FRAGMENT_SCHEDULER_PORT',
        'FRAGMENT_WRITE_KEYS',
        'FRAGMENT_ADMIN_TOKEN',
        'FRAGMENT_ADMIN_TOKENS',
        'FRAGMENT_LOG_LEVEL',
        'NODE_ENV',
      ].sort(),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import { isFragmentError } from '@fragment/core';
import type { FragmentOptions } from './options.js';
import type { Environment } from './environment.js';
import { resolveDefinition } from './definition.js';
import { jsonOptions } from './json-options.js';
import { settingsFrom, type Setting } from './settings.js';
import { settingsTable } from './settings-table.js';
import { settingsView } from './settings-view.js';

const problemsOf = (options: FragmentOptions, env: Environment): string[] => {
  try {
    settingsFrom(options, env);
  } catch (error) {
    if (isFragmentError(error, 'FRAGMENT_CONFIG_INVALID'))
      return error.validations.map((v) => v.path.join('.'));
    throw error;
  }
  return [];
};

describe('settingsFrom', () => {
  it('has a default for everything', () => {
    const settings: Record<string, Setting<unknown>> = { ...settingsFrom() };
    const values = Object.entries(settings).map(([name, { value, from }]) => [name, value, from]);
    expect(values).toEqual([
      ['postgres', undefined, 'default'],
      ['redis', undefined, 'default'],
      ['dataDir', '.fragment', 'default'],
      ['gatewayHost', '127.0.0.1', 'default'],
      ['schedulerHost', '127.0.0.1', 'default'],
      ['gatewayPort', 9090, 'default'],
      ['schedulerPort', 9091, 'default'],
      ['writeKeys', undefined, 'default'],
      ['adminToken', undefined, 'default'],
      ['adminTokens', [], 'default'],
      ['logLevel', 'info', 'default'],
      ['production', false, 'default'],
    ]);
  });

  const keys = [{ name: 'web', key: 'k1' }, 'k2'];
  it.each<[keyof ReturnType<typeof settingsFrom>, string, string, unknown, FragmentOptions, unknown]>([
    [
      'postgres',
      'POSTGRES_STORE_URL',
      'postgres://a/b',
      'postgres://a/b',
      { postgres: 'postgresql://o/b' },
      'postgresql://o/b',
    ],
    [
      'adminTokens',
      'FRAGMENT_ADMIN_TOKENS',
      'ops:operate:0123456789abcdef, view:read:fedcba98:76543210',
      [
        { name: 'ops', role: 'operate', token: '0123456789abcdef' },
        { name: 'view', role: 'read', token: 'fedcba98:76543210' },
      ],
      { adminTokens: [{ name: 'o', role: 'admin', token: 'x'.repeat(16) }] },
      [{ name: 'o', role: 'admin', token: 'x'.repeat(16) }],
    ],
    ['redis', 'REDIS_URL', 'rediss://a:1', 'rediss://a:1', { redis: 'redis://o' }, 'redis://o'],
    ['dataDir', 'FRAGMENT_DATA_DIR', '/data', '/data', { dataDir: 'mine' }, 'mine'],
    ['gatewayHost', 'FRAGMENT_HOST', '0.0.0.0', '0.0.0.0', { host: '::1' }, '::1'],
    ['gatewayHost', 'FRAGMENT_HOST', '0.0.0.0', '0.0.0.0', { gateway: { host: '::1' } }, '::1'],
    [
      'schedulerHost',
      'FRAGMENT_HOST',
      '0.0.0.0',
      '0.0.0.0',
      { host: 'x', scheduler: { host: '::1' } },
      '::1',
    ],
    ['gatewayPort', 'FRAGMENT_GATEWAY_PORT', '80', 80, { gateway: { port: false } }, false],
    ['schedulerPort', 'FRAGMENT_SCHEDULER_PORT', '0', 0, { scheduler: { port: 1 } }, 1],
    ['writeKeys', 'FRAGMENT_WRITE_KEYS', 'web:k1, k2', keys, { writeKeys: 'any' }, 'any'],
    ['writeKeys', 'FRAGMENT_WRITE_KEYS', 'any', 'any', { writeKeys: 'web:k1,k2' }, keys],
    [
      'adminToken',
      'FRAGMENT_ADMIN_TOKEN',
      '0123456789abcdef',
      '0123456789abcdef',
      { adminToken: 'f'.repeat(16) },
      'f'.repeat(16),
    ],
    ['logLevel', 'FRAGMENT_LOG_LEVEL', 'debug', 'debug', { logLevel: 'warn' }, 'warn'],
    ['production', 'NODE_ENV', 'production', true, { production: false }, false],
    ['production', 'NODE_ENV', 'test', false, { production: true }, true],
  ])(
    '%s comes from an option, else from %s=%s',
    (name, variable, text, fromEnvironment, options, fromOption) => {
      const env = { [variable]: text };
      expect(settingsFrom({}, env)[name]).toEqual({ value: fromEnvironment, from: 'environment' });
      expect(settingsFrom(options, env)[name]).toEqual({ value: fromOption, from: 'option' });
      expect(settingsFrom({}, { [variable]: ' ' })[name].from).toBe('default');
    },
  );

  it('reports every problem at once, and repeats no value', () => {
    const env = {
      POSTGRES_STORE_URL: 'mysql://user:hunter2@host',
      REDIS_URL: 'hunter2',
      FRAGMENT_GATEWAY_PORT: '70000',
      FRAGMENT_SCHEDULER_PORT: 'http',
      FRAGMENT_ADMIN_TOKEN: 'hunter2',
      FRAGMENT_LOG_LEVEL: 'loud',
    };
    expect(problemsOf({}, env)).toEqual(Object.keys(env));
    expect(problemsOf({ postgres: 'hunter2', dataDir: '', adminToken: 'short' }, {})).toEqual([
      'postgres',
      'dataDir',
      'adminToken',
    ]);
    expect(() => settingsFrom({}, env)).toThrow(/POSTGRES_STORE_URL must be a postgresql:\/\/ or/);
    expect(() => settingsFrom({}, env)).not.toThrow(/hunter2/);
  });
});

describe('an option that does not exist', () => {
  const messagesOf = (options: object): string[] => {
    try {
      settingsFrom(options);
    } catch (error) {
      if (isFragmentError(error)) return error.validations.map(({ message }) => message);
      throw error;
    }
    return [];
  };

  it('is refused with the name that was meant, at every depth, beside all other problems', () => {
    expect(
      messagesOf({
        souces: [],
        gateway: { limits: { requestByte: 1 } },
        execution: { breaker: { zzzzzzzzz: 1 } },
        constructor: 1,
        dataDir: '',
      }),
    ).toEqual([
      'souces is not an option; did you mean sources?',
      'gateway.limits.requestByte is not an option; did you mean gateway.limits.requestBytes?',
      'execution.breaker.zzzzzzzzz is not an option',
      'constructor is not an option',
      'dataDir must not be empty',
    ]);
  });

  it('is never looked for in what others have made', () => {
    expect(
      messagesOf({ redis: { anything: 1 }, logger: { anything: 1 }, sources: [{ anything: 1 }] }),
    ).toEqual([]);
  });
});

describe('jsonOptions', () => {
  it('takes policies of the purge, without what JSON has no sense for', () => {
    const policy = {
      where: { events: { typesIn: ['page'] }, jobs: { statusIn: ['succeeded'] } },
      olderThanMs: 1,
    };
    expect(jsonOptions({ retention: { policies: [policy] } })).toEqual({ retention: { policies: [policy] } });
    const wrong = [
      { where: {}, olderThanMs: 1 },
      { where: { events: { receivedBefore: '2026-01-01', typesIn: [] } }, olderThanMs: 0 },
      { where: { jobs: { statusIn: ['done'] } } },
    ];
    let paths: string[] = [];
    try {
      jsonOptions({ retention: { policies: wrong } });
    } catch (error) {
      if (!isFragmentError(error)) throw error;
      paths = error.validations.map(({ path }) => path.slice(2).join('.'));
    }
    expect(paths.sort()).toEqual([
      '0.where',
      '1.olderThanMs',
      '1.where.events.receivedBefore',
      '1.where.events.typesIn',
      '2',
      '2.where.jobs.statusIn.0',
    ]);
  });
});

describe('resolveDefinition', () => {
  it('tells of the secrets that were asked for', async () => {
    const definition = (_env: Environment, secret: (name: string) => string) => ({
      adminToken: secret('TOKEN'),
    });
    expect(await resolveDefinition(definition, { TOKEN: ' t ' })).toEqual({
      options: { adminToken: 't' },
      secrets: ['TOKEN'],
    });
    expect(await resolveDefinition({ name: 'x' }, {})).toEqual({ options: { name: 'x' }, secrets: [] });
  });

  it('reports all that are missing, whatever a factory says of what stands in for them', async () => {
    const definition = (_env: Environment, secret: (name: string) => string) => {
      secret('FIRST');
      settingsFrom({ postgres: secret('SECOND') });
      return {};
    };
    await expect(resolveDefinition(definition, { FIRST: ' ' })).rejects.toMatchObject({
      validations: [
        { message: 'FIRST must be set', path: ['FIRST'] },
        { message: 'SECOND must be set', path: ['SECOND'] },
      ],
    });
    await expect(resolveDefinition(definition, { FIRST: '1', SECOND: 'no url' })).rejects.toMatchObject({
      validations: [{ path: ['postgres'] }],
    });
  });
});

describe('settingsView', () => {
  it('shows every setting of the table, and no secret', () => {
    const settings = settingsFrom({
      postgres: 'postgresql://me:hunter2@db:5432/cdp',
      redis: 'redis://:hunter2@cache:6379/0',
      writeKeys: 'web:hunter2',
      adminToken: 'hunter2hunter2hunter2',
    });
    const view = settingsView(settings);
    expect(view.map(({ name }) => name).sort()).toEqual(Object.keys(settingsTable).sort());
    expect(JSON.stringify(view)).not.toContain('hunter2');
    expect(view[0]).toEqual({
      name: 'postgres',
      value: 'postgresql://db:5432/cdp',
      source: 'option',
      secret: true,
    });
  });
});

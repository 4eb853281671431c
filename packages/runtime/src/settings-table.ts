import type { FragmentSettings } from './settings.js';

/** How a setting is called in each place it can come from. */
export interface SettingRow {
  /** Its names in the options, the one that wins first. */
  readonly options: readonly string[];
  readonly variable: string;
  /** In words. */
  readonly default: string;
  readonly meaning: string;
}

/** Every setting with more than one place to come from, in the order in which people want to read of them. */
export const settingsTable: Readonly<Record<keyof FragmentSettings, SettingRow>> = {
  postgres: {
    options: ['postgres'],
    variable: 'POSTGRES_STORE_URL',
    default: 'the embedded PostgreSQL',
    meaning: 'where events and jobs are kept; the queues too without REDIS_URL',
  },
  redis: {
    options: ['redis'],
    variable: 'REDIS_URL',
    default: 'the queues are on the PostgreSQL',
    meaning: 'BullMQ queues on Redis',
  },
  dataDir: {
    options: ['dataDir'],
    variable: 'FRAGMENT_DATA_DIR',
    default: '`.fragment` beside the configuration',
    meaning: 'data of the embedded PostgreSQL',
  },
  gatewayHost: {
    options: ['gateway.host', 'host'],
    variable: 'FRAGMENT_HOST',
    default: '127.0.0.1',
    meaning: 'where the gateway listens',
  },
  gatewayPort: {
    options: ['gateway.port'],
    variable: 'FRAGMENT_GATEWAY_PORT',
    default: '9090',
    meaning: 'its port; `false` in the options when it is mounted into a server of yours',
  },
  schedulerHost: {
    options: ['scheduler.host', 'host'],
    variable: 'FRAGMENT_HOST',
    default: '127.0.0.1',
    meaning: 'where the scheduler listens: admin, metrics, health',
  },
  schedulerPort: {
    options: ['scheduler.port'],
    variable: 'FRAGMENT_SCHEDULER_PORT',
    default: '9091',
    meaning: 'its port',
  },
  writeKeys: {
    options: ['writeKeys'],
    variable: 'FRAGMENT_WRITE_KEYS',
    default: 'everybody may send',
    meaning: '`name:key,name:key`, or `any`, for the default source',
  },
  adminToken: {
    options: ['adminToken'],
    variable: 'FRAGMENT_ADMIN_TOKEN',
    default: 'none: admin for this machine only',
    meaning: '16 characters or more; may do everything',
  },
  adminTokens: {
    options: ['adminTokens'],
    variable: 'FRAGMENT_ADMIN_TOKENS',
    default: 'none',
    meaning: '`name:role:token`, several with commas between; the roles are read, operate, admin',
  },
  logLevel: {
    options: ['logLevel'],
    variable: 'FRAGMENT_LOG_LEVEL',
    default: 'info',
    meaning: 'trace, debug, info, warn, error, fatal, silent',
  },
  production: {
    options: ['production'],
    variable: 'NODE_ENV',
    default: 'false',
    meaning: '`production` wants write keys',
  },
};

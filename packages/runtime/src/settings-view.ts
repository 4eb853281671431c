import type { FragmentSettings, Setting, SettingOrigin } from './settings.js';

/** A setting as it may be shown. */
export interface SettingView {
  readonly name: string;
  readonly value: string;
  readonly source: SettingOrigin;
  readonly secret: boolean;
}

const MASK = '••••••••';

/** The settings as they may be shown to an operator: where each comes from, and no secret. */
export function settingsView(settings: FragmentSettings): readonly SettingView[] {
  const plain = (name: string, { value, from }: Setting<unknown>): SettingView => ({
    name,
    value: textOf(value),
    source: from,
    secret: false,
  });
  const masked = (name: string, { from }: Setting<unknown>, value: string): SettingView => ({
    name,
    value,
    source: from,
    secret: true,
  });
  const { postgres, redis, writeKeys, adminToken } = settings;
  return [
    masked('postgres', postgres, addressOf(postgres.value, 'embedded')),
    masked('redis', redis, addressOf(redis.value, 'not used: the queues are on the PostgreSQL')),
    plain('dataDir', settings.dataDir),
    plain('gatewayHost', settings.gatewayHost),
    plain('gatewayPort', settings.gatewayPort),
    plain('schedulerHost', settings.schedulerHost),
    plain('schedulerPort', settings.schedulerPort),
    masked('writeKeys', writeKeys, keysOf(writeKeys.value)),
    masked('adminToken', adminToken, adminToken.value === undefined ? 'not set' : MASK),
    plain('logLevel', settings.logLevel),
    plain('production', settings.production),
  ];
}

/** Where a service is, without who logs in there. */
function addressOf(value: unknown, absent: string): string {
  if (value === undefined) return absent;
  if (typeof value !== 'string' || !URL.canParse(value)) return 'a connection of the host';
  const { protocol, host, pathname } = new URL(value);
  return `${protocol}//${host}${pathname}`;
}

function keysOf(keys: FragmentSettings['writeKeys']['value']): string {
  if (keys === undefined || keys === 'any') return 'any';
  return keys.map((key) => (typeof key === 'string' ? MASK : `${key.name}:${MASK}`)).join(', ');
}

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

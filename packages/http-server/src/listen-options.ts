import type { Validation } from '@fragment/core';

/** Where a service listens. */
export interface ListenOptions {
  /** Where it listens. Default 127.0.0.1: reachable from this machine only. */
  readonly host?: string;
  /** 0 takes any free port; false never listens: the service is mounted into a server of the host's. */
  readonly port?: number | false;
}

/** Every problem of the options, for FRAGMENT_CONFIG_INVALID. */
export function listenProblems(service: string, { host, port }: ListenOptions): readonly Validation[] {
  const problems: Validation[] = [];
  if (host !== undefined && (typeof host !== 'string' || host === '')) {
    problems.push({ message: 'host must be a name or an address', path: [service, 'host'] });
  }
  if (port !== undefined && port !== false && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    problems.push({
      message: 'port must be a whole number from 0 to 65535, or false',
      path: [service, 'port'],
    });
  }
  return problems;
}

/** Durations and sizes that must be whole numbers above zero. */
export function positiveProblems(
  service: string,
  settings: Readonly<Record<string, number | undefined>>,
): readonly Validation[] {
  return Object.entries(settings)
    .filter(([, value]) => value !== undefined && !(Number.isSafeInteger(value) && value > 0))
    .map(([name]) => ({
      message: `${name} must be a whole number above 0`,
      path: [service, ...name.split('.')],
    }));
}

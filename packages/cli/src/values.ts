import type { JobStatus } from '@fragment/core';
import { InvalidArgumentError } from 'commander';
import { parseBind, type Binding } from './bind.js';

// How values on the command line are read. Each throws commander's InvalidArgumentError, which becomes exit code 2.

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `24h`, `15m`, `7d` ago, or an ISO 8601 time. */
export function moment(text: string): Date {
  const [, amount, unit = ''] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (amount !== undefined) return new Date(Date.now() - Number(amount) * (UNITS_MS[unit] ?? 0));
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? new Date(text) : undefined;
  if (time === undefined || Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError('It must be like 30m, 24h or 7d, or a time such as 2026-01-31T23:59:59Z.');
  }
  return time;
}

/** Jobs a second: `50/s`, `50`, or `600/m`. */
export function rate(text: string): number {
  const [, amount = '', unit = 's'] = /^(\d{1,6})(?:\/([smh]))?$/.exec(text) ?? [];
  const perSecond = (Number(amount) * 1_000) / (UNITS_MS[unit] ?? 1_000);
  if (!(perSecond > 0)) throw new InvalidArgumentError('It must be like 50/s or 600/m.');
  return perSecond;
}

/** An id or a name. */
export function word(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('It must not be empty.');
}

/** Words of which a flag takes several. */
export const words = (text: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  word(text),
];

export function count(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

export function positive(text: string): number {
  const value = count(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('It must be above 0.');
}

export function url(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('It must be like http://127.0.0.1:9091.');
}

// Spelt out: importing core for them would cost `--help` most of its time. The type holds them to core's.
export const STATUSES: readonly JobStatus[] = [
  'awaiting',
  'executing',
  'succeeded',
  'failed',
  'discarded',
  'unknown',
];

export function status(text: string, earlier: readonly JobStatus[] = []): readonly JobStatus[] {
  const found = STATUSES.find((one) => one === text);
  if (found) return [...earlier, found];
  throw new InvalidArgumentError(`It must be one of ${STATUSES.join(', ')}.`);
}

export function collectBinding(text: string, earlier: readonly Binding[]): readonly Binding[] {
  const binding = parseBind(text);
  if (typeof binding === 'string') throw new InvalidArgumentError(binding);
  if (earlier.some(({ service }) => service === binding.service)) {
    throw new InvalidArgumentError(`The ${binding.service} can listen in one place only.`);
  }
  return [...earlier, binding];
}

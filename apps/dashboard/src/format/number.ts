import { LOCALE } from './locale.js';

const grouped = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
const compact = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumFractionDigits: 1 });

/** `12,345`, and `10,000+` where counting stopped. */
export const formatCount = (value: number, capped = false): string =>
  `${grouped.format(value)}${capped ? '+' : ''}`;

/** `2.4`, but `24`: with a digit behind the point where it says something. */
export const formatRough = (value: number): string => (value < 10 ? decimal : grouped).format(value);

/** `950`, `12.3K`, `4.1M`: for axes and small places. */
export const formatCompact = (value: number): string => compact.format(value);

/** The share of a part in a whole. What is not all or nothing never reads as 0 % or 100 %; nothing of nothing is a dash. */
export function formatPercent(part: number, whole: number): string {
  if (whole === 0) return '–';
  const share = (part / whole) * 100;
  if (part > 0 && share < 0.1) return `< ${decimal.format(0.1)} %`;
  if (part < whole && share > 99.9) return `> ${decimal.format(99.9)} %`;
  return `${share > 99 ? decimal.format(share) : formatRough(share)} %`;
}

/** `1 job`, `2 jobs`, `10,000+ jobs`. */
export const formatNumberOf = (value: number, one: string, capped = false): string =>
  `${formatCount(value, capped)} ${value === 1 && !capped ? one : `${one}s`}`;

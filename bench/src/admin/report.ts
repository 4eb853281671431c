import os from 'node:os';
import { median } from '../report.js';
import type { Asked } from './ask.js';
import type { Cost } from './cpu.js';
import type { Filled } from './fill.js';
import { percentilesOf, type Traffic } from './traffic.js';

export interface AdminFigures {
  readonly filled: Filled;
  readonly asked: readonly Asked[];
  readonly alone: readonly Traffic[];
  readonly beside: readonly Traffic[];
  /** Median over the rounds of the p99 beside the admin load to the p99 alone. */
  readonly ratio: number;
  readonly eventsPerSecond: number;
}

const whole = (n: number): string => Math.round(n).toLocaleString('en-US');
const ms = (n: number): string => n.toFixed(n < 10 ? 1 : 0);

export const costReport = (costs: readonly Cost[]): string =>
  [
    '| question | CPU ms an answer |\n| --- | --- |\n',
    ...costs.map(({ name, cpuMs }) => `| ${name} | ${ms(cpuMs)} |\n`),
    '\n',
  ].join('');

export function adminReport({ filled, asked, alone, beside, ratio, eventsPerSecond }: AdminFigures): string {
  const names = [...new Set(asked.map(({ name }) => name))];
  const rows = names.map((name) => {
    const of = asked.filter((answer) => answer.name === name);
    const { p50Ms, p95Ms } = percentilesOf(of.map((answer) => answer.ms));
    const bad = of.filter(({ status }) => status !== 200 && status !== 404).length;
    return `| ${name} | ${of.length} | ${ms(p50Ms)} | ${ms(p95Ms)} | ${bad} |\n`;
  });
  const lists = percentilesOf(asked.filter(({ kind }) => kind === 'list').map((answer) => answer.ms));
  const ingest = (name: string, list: readonly Traffic[]): string =>
    `| ${name} | ${ms(median(list.map((one) => one.p50Ms)))} | ${ms(median(list.map((one) => one.p99Ms)))} | ${list.reduce((sum, one) => sum + one.failed, 0)} |\n`;
  return [
    `${whole(filled.events)} events, ${whole(filled.jobs)} jobs, ${whole(filled.megabytes)} MB, filled in ${whole(filled.seconds)} s; ${eventsPerSecond} events/s meanwhile; ${os.cpus().length} cores, load ${(os.loadavg()[1] ?? 0).toFixed(1)}\n\n`,
    '| question | times | p50 ms | p95 ms | errors |\n| --- | --- | --- | --- | --- |\n',
    ...rows,
    `| **all lists** | ${asked.filter(({ kind }) => kind === 'list').length} | ${ms(lists.p50Ms)} | ${ms(lists.p95Ms)} | |\n`,
    '\n| ingest | p50 ms | p99 ms | failed |\n| --- | --- | --- | --- |\n',
    ingest('alone', alone),
    ingest('beside the admin load', beside),
    `\ningest p99, beside / alone: ${ratio.toFixed(2)} (median of ${alone.length} rounds)\n`,
  ].join('');
}

import type { DestinationFigures } from './destinations-rate.js';

export interface Figures {
  readonly eventsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Events in the store after the ingest, those of the warm-up included. */
  readonly stored: number;
  readonly jobsPerSecond: number;
}

/** One interleaved round. */
export interface Round {
  readonly floorPerSecond: number;
  readonly fragment: Figures;
  readonly naive: Figures;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

const whole = (n: number): string => Math.round(n).toLocaleString('en-US');
const spread = (values: readonly number[]): string =>
  `${whole(Math.min(...values))} - ${whole(Math.max(...values))}`;

/** What each destination made of a backlog. */
export function destinationsReport(figures: readonly DestinationFigures[]): string {
  const rows = figures.map(
    ({ name, batched, jobsPerSecond, requestsPer1000, cpuPerJob }) =>
      `| ${name} | ${batched ? 'batched' : 'single'} | ${whole(jobsPerSecond)} | ${whole(requestsPer1000)} | ${cpuPerJob === undefined ? '' : whole(cpuPerJob)} |\n`,
  );
  return `| destination | calls | jobs/s | requests per 1,000 jobs | scheduler CPU, µs a job |\n| --- | --- | --- | --- | --- |\n${rows.join('')}`;
}

/** Medians of the rounds, and medians of the ratios within each round. */
export function report(rounds: readonly Round[], queue: string): string {
  const of = (pick: (round: Round) => number): number[] => rounds.map(pick);
  const row = (name: string, pick: (round: Round) => number): string =>
    `| ${name} | ${whole(median(of(pick)))} | ${spread(of(pick))} |\n`;
  const ratio = (name: string, pick: (round: Round) => number): string =>
    `| ${name} | ${median(of(pick)).toFixed(2)} | ${Math.min(...of(pick)).toFixed(2)} - ${Math.max(...of(pick)).toFixed(2)} |\n`;
  return [
    `${rounds.length} rounds, queue on ${queue}, Node ${process.versions.node}, 64 connections, one event a request, 3 jobs an event\n\n`,
    '| figure | median | range |\n| --- | --- | --- |\n',
    row('floor: raw node:http + JSON.parse, requests/s', (r) => r.floorPerSecond),
    row('fragment: durable events/s', (r) => r.fragment.eventsPerSecond),
    row('naive: durable events/s', (r) => r.naive.eventsPerSecond),
    row('fragment: delivered and stored jobs/s, one request each', (r) => r.fragment.jobsPerSecond),
    row('naive: delivered and stored jobs/s, one request each', (r) => r.naive.jobsPerSecond),
    row('fragment: ingest p99, ms', (r) => r.fragment.p99Ms),
    row('naive: ingest p99, ms', (r) => r.naive.p99Ms),
    '\n| ratio | median | range |\n| --- | --- | --- |\n',
    ratio('ingest, fragment / floor', (r) => r.fragment.eventsPerSecond / r.floorPerSecond),
    ratio('ingest, fragment / naive', (r) => r.fragment.eventsPerSecond / r.naive.eventsPerSecond),
    ratio('delivery, fragment / naive', (r) => r.fragment.jobsPerSecond / r.naive.jobsPerSecond),
    ratio('ingest p99, naive / fragment', (r) => r.naive.p99Ms / r.fragment.p99Ms),
  ].join('');
}

import { describe, expect, it } from '@jest/globals';
import type { Statistics } from '../../api/types.js';
import { destinationSeries, funnelOf, ingestSeries, perStep } from './series.js';

const at = (minute: number): string => `2026-01-31T12:0${minute}:00.000Z`;
const latency = (p95: number | null) => ({ p50_ms: null, p95_ms: p95, p99_ms: null });
const statistics: Statistics = {
  range: { from: at(0), to: at(3), step_ms: 60_000 },
  ingest: [
    { at: at(0), source: 'rest', type: 'track', result: 'stored', count: 5 },
    { at: at(0), source: 'rest', type: 'page', result: 'stored', count: 2 },
    { at: at(2), source: 'rest', type: 'track', result: 'refused', count: 1 },
  ],
  delivery: [
    { at: at(1), destination: 'a', action: 'track', result: 'succeeded', count: 4, ...latency(80) },
    { at: at(1), destination: 'a', action: 'page', result: 'succeeded', count: 1, ...latency(300) },
    { at: at(1), destination: 'a', action: 'page', result: 'failed', count: 2, ...latency(9_000) },
    { at: at(1), destination: 'b', action: 'page', result: 'succeeded', count: 9, ...latency(1) },
  ],
  totals: {
    ingest: { stored: 7, duplicate: 2, refused: 1, ignored: 0, overloaded: 3, unavailable: 1 },
    delivery: [
      { destination: 'a', succeeded: 5, failed: 2, discarded: 0, unknown: 1, ...latency(300) },
      { destination: 'b', succeeded: 9, failed: 0, discarded: 4, unknown: 0, ...latency(1) },
    ],
  },
};

describe('the series of a destination', () => {
  const series = destinationSeries(statistics, 'a');

  it('has the share of attempts that did not succeed, and none where there were no attempts', () => {
    expect(series.failureRatio).toEqual([null, expect.closeTo(2 / 7), null]);
    expect(destinationSeries(statistics, 'b').failureRatio).toEqual([null, 0, null]);
  });

  it('says what a step is', () => {
    expect(perStep(statistics)).toBe('per min');
    expect(perStep({ range: { ...statistics.range, step_ms: 1_200_000 } })).toBe('per 20 min');
  });

  it('has a value for every step: nothing happened is zero, not a gap', () => {
    expect(series.times).toEqual([Date.parse(at(0)), Date.parse(at(1)), Date.parse(at(2))]);
    expect(series.counts).toEqual({
      succeeded: [0, 5, 0],
      failed: [0, 2, 0],
      discarded: [0, 0, 0],
      unknown: [0, 0, 0],
    });
  });

  it('takes p95 of what was delivered, of the slowest action; none where nothing was', () => {
    expect(series.p95).toEqual([null, 300, null]);
  });
});

it('what came in is stored or not, step by step', () => {
  expect(ingestSeries(statistics)).toMatchObject({ stored: [7, 0, 0], others: [0, 0, 1] });
});

it('the funnel leads from the gateway to the vendors', () => {
  const counts = { awaiting: 3, executing: 1, succeeded: 50, failed: 2, discarded: 9, unknown: 1 };
  expect(funnelOf(statistics, { lanes: [{ counts }, { counts }] as never })).toEqual({
    received: 14,
    stored: 7,
    duplicate: 2,
    refused: 1,
    turnedAway: 4,
    succeeded: 14,
    failed: 3,
    discarded: 4,
    waiting: 14,
  });
});

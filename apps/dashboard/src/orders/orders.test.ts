import { describe, expect, it } from '@jest/globals';
import type { Bulk } from '../api/types.js';
import { orderLabel } from './order-texts.js';
import { isOver, progressOf } from './progress.js';
import { readRate } from './rate.js';

const order: Bulk = {
  id: 'b',
  kind: 'retry',
  where: {},
  rate_per_second: null,
  state: 'running',
  total: 200,
  total_is_capped: false,
  done: 40,
  visited: 50,
  actor: 'jane',
  created_at: '2026-01-01T00:00:00.000Z',
  started_at: '2026-01-01T00:00:01.000Z',
  finished_at: null,
  error: null,
};

describe('progress of an order', () => {
  it('is what was visited of what matched', () => {
    expect(progressOf(order)).toEqual({ share: 0.25, leftMs: null });
  });

  it('tells the time that the rest takes at the ordered rate', () => {
    expect(progressOf({ ...order, rate_per_second: 50 })).toEqual({ share: 0.25, leftMs: 3_000 });
  });

  it('is unknown while counting stopped early', () => {
    const capped = { ...order, total: 10_000, total_is_capped: true, rate_per_second: 50 };
    expect(progressOf(capped)).toEqual({ share: null, leftMs: null });
  });

  it('is whole when it is done, also when less was left than had matched', () => {
    expect(progressOf({ ...order, state: 'done' }).share).toBe(1);
    expect(progressOf({ ...order, state: 'done', total: 0, visited: 0 }).share).toBe(1);
  });

  it('stays where it was when it was cancelled, and promises no time', () => {
    expect(progressOf({ ...order, state: 'cancelled', rate_per_second: 50 })).toEqual({
      share: 0.25,
      leftMs: null,
    });
  });

  it('never goes beyond its end, nor divides by nothing', () => {
    expect(progressOf({ ...order, visited: 300, rate_per_second: 50 })).toEqual({ share: 1, leftMs: 0 });
    expect(progressOf({ ...order, total: 0, visited: 0 }).share).toBe(0);
  });

  it.each([
    ['waiting', false],
    ['running', false],
    ['done', true],
    ['cancelled', true],
    ['failed', true],
  ] as const)('%s: over is %s', (state, over) => {
    expect(isOver({ ...order, state })).toBe(over);
  });
});

describe('a rate that was typed', () => {
  it.each([
    ['', undefined, true],
    ['  ', undefined, true],
    ['50', 50, true],
    ['0.5', 0.5, true],
    ['100000', 100_000, true],
    ['100001', undefined, false],
    ['0', undefined, false],
    ['-1', undefined, false],
    ['fast', undefined, false],
  ])('%j is %p, valid: %p', (text, perSecond, valid) => {
    expect(readRate(text)).toEqual({ perSecond, valid });
  });
});

describe('the label of an order', () => {
  it.each([
    ['retry', 1, false, 'Retry 1 job'],
    ['discard', 500, false, 'Discard 500 jobs'],
    ['replay', 10_000, true, 'Replay 10,000+ events'],
  ] as const)('%s of %p', (kind, count, capped, label) => {
    expect(orderLabel(kind, count, capped)).toBe(label);
  });
});

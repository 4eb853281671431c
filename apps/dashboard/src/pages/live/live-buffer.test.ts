import { describe, expect, it } from '@jest/globals';
import type { EventSummary } from '../../api/types.js';
import { EMPTY_BUFFER, LIVE_ROWS, paused, received, resumed } from './live-buffer.js';

const event = (id: string, name: string | null = null) => ({ id, name }) as EventSummary;
const ids = (rows: readonly EventSummary[] | undefined) => rows?.map(({ id }) => id);
const many = (count: number, from = 0) => Array.from({ length: count }, (_, at) => event(String(from + at)));

describe('the live buffer', () => {
  it('puts what is new on top and changes in place what is there', () => {
    const buffer = received(received(EMPTY_BUFFER, [event('a'), event('b')]), [
      event('a', 'changed'),
      event('c'),
    ]);
    expect(ids(buffer.rows)).toEqual(['c', 'b', 'a']);
    expect(buffer.rows[2]?.name).toBe('changed');
  });

  it('shows an event once that changed before it was drawn', () => {
    expect(received(EMPTY_BUFFER, [event('a'), event('a', 'later')]).rows).toEqual([event('a', 'later')]);
  });

  it('keeps 500 and counts what had to go', () => {
    const buffer = received(received(EMPTY_BUFFER, many(LIVE_ROWS)), many(3, LIVE_ROWS));
    expect(buffer.rows).toHaveLength(LIVE_ROWS);
    expect(buffer.rows[0]?.id).toBe('502');
    expect(buffer.rows.at(-1)?.id).toBe('3');
    expect(buffer.dropped).toBe(3);
  });

  it('holds back what comes while it is paused, and still changes what is shown', () => {
    const held = received(paused(received(EMPTY_BUFFER, [event('a')])), [event('a', 'done'), event('b')]);
    expect(held.rows).toEqual([event('a', 'done')]);
    expect(ids(held.held)).toEqual(['b']);
    const changed = received(held, [event('b', 'done'), event('c')]);
    expect(changed.held).toEqual([event('c'), event('b', 'done')]);
    expect(ids(resumed(changed).rows)).toEqual(['c', 'b', 'a']);
    expect(resumed(changed).held).toBeUndefined();
  });

  it('drops what it holds back beyond 500 as well, and counts both when it goes on', () => {
    const held = received(paused(received(EMPTY_BUFFER, many(10))), many(LIVE_ROWS + 2, 10));
    expect([held.held?.length, held.dropped]).toEqual([LIVE_ROWS, 2]);
    expect(resumed(held)).toMatchObject({ dropped: 12 });
    expect(resumed(held).rows).toHaveLength(LIVE_ROWS);
  });

  it('is paused once, however often it is asked', () => {
    const held = received(paused(EMPTY_BUFFER), [event('a')]);
    expect(ids(paused(held).held)).toEqual(['a']);
  });
});

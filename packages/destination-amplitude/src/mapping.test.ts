import { describe, expect, it } from '@jest/globals';
import { mapAlias } from './mapping/alias.js';
import type { Mapped } from './mapping/mapped.js';
import type { Fields } from './mapping/read.js';
import { fit } from './mapping/shape.js';
import { mapTrack } from './mapping/track.js';
import { readOptions } from './options.js';
import type { AmplitudeEvent } from './vendor.js';

// The mapping, field by field, is in ../cases; here is what is too long for a file, or hard to read in one.

const { mapping: settings } = readOptions({ apiKey: 'key' });
const common = { messageId: 'm1', userId: 'user-1', anonymousId: 'anon-1', event: 'E', timestamp: 'never' };

const track = (more: Fields): Mapped => mapTrack({ ...common, ...more }, settings);
function only(mapped: Mapped): AmplitudeEvent {
  if ('invalid' in mapped) throw new Error(mapped.invalid);
  return mapped.events[0]!;
}
const fitted = (properties: Fields): Mapped => fit(only(track({ properties })));
const nested = (levels: number): Fields => {
  let value: Fields = { a: 1 };
  for (let level = 1; level < levels; level += 1) value = { a: value };
  return value;
};
const keys = (count: number): Fields =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n]));

describe('shape', () => {
  it('40 levels are taken, the event and its properties among them; 41 are not', () => {
    expect(fitted(nested(39))).toHaveProperty('events');
    expect(fitted(nested(40))).toEqual({
      invalid: expect.stringMatching(/properties(\.a)+ is nested deeper than 40/),
    });
  });
  it('the place is told as far as a person reads it', () => {
    const told = fitted({ ['k'.repeat(5000)]: nested(40) });
    expect('invalid' in told && told.invalid.length).toBeLessThan(200);
  });
  it('1,000 keys are taken, at any depth; 1,001 are not', () => {
    expect(fitted({ inner: keys(1000) })).toHaveProperty('events');
    expect(fitted({ inner: keys(1001) })).toEqual({
      invalid: 'Amplitude does not take it: event_properties.inner has more than 1000 keys.',
    });
    expect(fitted(keys(1001))).toHaveProperty('invalid');
    expect(fitted({ list: Array(1001).fill(1) })).toHaveProperty('events');
  });
  it('an array of arrays is named, one of objects with arrays is not', () => {
    expect(fitted({ a: [{ b: [1, [2]] }] })).toEqual({
      invalid: expect.stringContaining('event_properties.a.0.b is'),
    });
    expect(fitted({ a: [{ b: [1] }, { b: [2] }] })).toHaveProperty('events');
  });
});

describe('text of more than 1,024 characters', () => {
  const long = 'x'.repeat(1024);
  it('is cut wherever it stands, and the message is not changed', () => {
    const properties = { title: `${long}y`, list: [`${long}y`, 1, null], deep: { text: long } };
    const event = only(
      fit(only(track({ event: `${long}y`, properties, context: { userAgent: `${long}y` } }))),
    );
    expect(event).toMatchObject({
      event_type: long,
      user_agent: long,
      event_properties: { title: long, list: [long, 1, null], deep: { text: long } },
    });
    expect(properties.title).toHaveLength(1025);
  });
  it('is never cut through a character', () => {
    const event = only(fitted({ text: `${'x'.repeat(1023)}😀` }));
    expect(event.event_properties).toEqual({ text: 'x'.repeat(1023) });
  });
  it('is no id: two people whose ids begin alike would become one', () => {
    expect(only(track({ userId: `${long}y` }))).not.toHaveProperty('user_id');
    expect(only(track({ userId: long })).user_id).toBe(long);
    expect(mapAlias({ ...common, previousId: `${long}y` }, settings)).toHaveProperty('invalid');
  });
  it('leaves the insert_ids of one message different', () => {
    const products = [{ product_id: 'p1' }, { product_id: 'p2' }];
    const mapped = track({ messageId: `${long}y`, event: 'Order Completed', properties: { products } });
    const ids = 'events' in mapped ? mapped.events.map(({ insert_id }) => insert_id) : [];
    expect(new Set(ids).size).toBe(3);
    expect(Math.max(...ids.map((id) => id.length))).toBeLessThanOrEqual(1024);
  });
});

it('a time that is none is left out', () => {
  expect(only(track({}))).not.toHaveProperty('time');
});

it('a property has one operation: unset before the operations of the sender, those before plain traits', () => {
  const traits = { plan: 'pro', old: 1, vip: 1, $setOnce: { plan: 'free' }, $add: { vip: 1, old: 1 } };
  const integrations = { Amplitude: { fieldsToUnset: ['old'] } };
  expect(only(track({ context: { traits }, integrations })).user_properties).toEqual({
    $unset: { old: '-' },
    $setOnce: { plan: 'free' },
    $add: { vip: 1 },
  });
});

it('what the sender wrote is shared, never changed', () => {
  const traits = Object.freeze({ plan: 'pro', $set: Object.freeze({ vip: true }) });
  const context = { traits, campaign: { source: 'mail' } };
  expect(only(track({ context })).user_properties).toEqual({
    $set: { vip: true, plan: 'pro', utm_source: 'mail' },
    $setOnce: { initial_utm_source: 'mail' },
  });
});

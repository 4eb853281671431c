import { describe, expect, it } from '@jest/globals';
import { mapAlias } from './mapping/alias.js';
import { mapGroup } from './mapping/group.js';
import { mapIdentify } from './mapping/identify.js';
import type { Mapped } from './mapping/mapped.js';
import type { Fields } from './mapping/read.js';
import { shapeProblemOf } from './mapping/shape.js';
import { mapTrack } from './mapping/track.js';
import { mapPage, mapScreen } from './mapping/view.js';
import { readOptions } from './options.js';
import type { AmplitudeEvent } from './vendor.js';

const { mapping: settings } = readOptions({ apiKey: 'key' });
const common = {
  messageId: 'm1',
  userId: 'user-1',
  anonymousId: 'anon-1',
  timestamp: '2024-05-01T10:00:00.000Z',
};
/** What every event of `common` carries. */
const base = {
  user_id: 'user-1',
  device_id: 'anon-1',
  time: 1714557600000,
  insert_id: 'm1',
  library: 'fragment',
};

function eventsOf(mapped: Mapped): readonly AmplitudeEvent[] {
  if ('invalid' in mapped) throw new Error(mapped.invalid);
  return mapped.events;
}
const track = (more: Fields): readonly AmplitudeEvent[] =>
  eventsOf(mapTrack({ ...common, event: 'E', ...more }, settings));
const trackOne = (more: Fields): AmplitudeEvent => track(more)[0]!;
const identify = (more: Fields): AmplitudeEvent =>
  eventsOf(mapIdentify({ ...common, ...more }, settings))[0]!;

describe('each type of message becomes', () => {
  it.each<[string, Mapped, readonly object[]]>([
    [
      'identify: $identify with $set',
      mapIdentify({ ...common, traits: { plan: 'pro' } }, settings),
      [{ ...base, event_type: '$identify', user_properties: { $set: { plan: 'pro' } } }],
    ],
    [
      'identify without traits: still one',
      mapIdentify(common, settings),
      [{ ...base, event_type: '$identify' }],
    ],
    [
      'track',
      mapTrack({ ...common, event: 'Signed Up', properties: { plan: 'pro' } }, settings),
      [{ ...base, event_type: 'Signed Up', event_properties: { plan: 'pro' } }],
    ],
    [
      'page with a name',
      mapPage({ ...common, name: 'Home', category: 'Shop', properties: { path: '/' } }, settings),
      [
        {
          ...base,
          event_type: 'Viewed Home Page',
          event_properties: { path: '/', name: 'Home', category: 'Shop' },
        },
      ],
    ],
    [
      'page without one',
      mapPage({ ...common, properties: { url: 'https://shop.test/' } }, settings),
      [{ ...base, event_type: 'Loaded a Page', event_properties: { url: 'https://shop.test/' } }],
    ],
    [
      'page with one fixed type',
      mapPage({ ...common, name: 'Home' }, { ...settings, pageEvent: 'pageview' }),
      [{ ...base, event_type: 'pageview', event_properties: { name: 'Home' } }],
    ],
    [
      'screen with a name',
      mapScreen({ ...common, name: 'Cart' }, settings),
      [{ ...base, event_type: 'Viewed Cart Screen', event_properties: { name: 'Cart' } }],
    ],
    [
      'screen without one',
      mapScreen(common, settings),
      [{ ...base, event_type: 'Loaded a Screen', event_properties: {} }],
    ],
    [
      'group: membership and properties',
      mapGroup({ ...common, groupId: 'acme', traits: { seats: 5 } }, settings),
      [
        {
          ...base,
          event_type: '$identify',
          groups: { '[Segment] Group': 'acme' },
          user_properties: { $set: { '[Segment] Group': 'acme' } },
        },
        {
          ...base,
          insert_id: 'm1-1',
          event_type: '$groupidentify',
          groups: { '[Segment] Group': 'acme' },
          group_properties: { $set: { seats: 5 } },
        },
      ],
    ],
    [
      'group without traits: membership alone, with the configured type',
      mapGroup({ ...common, groupId: 7 }, { ...settings, groupType: 'team' }),
      [{ ...base, event_type: '$identify', groups: { team: '7' }, user_properties: { $set: { team: '7' } } }],
    ],
  ])('%s', (_title, mapped, events) => {
    expect(eventsOf(mapped)).toEqual(events);
  });

  it('alias: a mapping, or one taken back', () => {
    expect(mapAlias({ ...common, previousId: 'old' }, settings)).toEqual({
      user_id: 'old',
      global_user_id: 'user-1',
    });
    const integrations = { Amplitude: { unmap: 'old' } };
    expect(mapAlias({ ...common, integrations }, settings)).toEqual({ user_id: 'old', unmap: true });
    expect(mapAlias({ ...common, previousId: 'null' }, settings)).toHaveProperty('invalid');
  });
});

describe('what cannot be mapped', () => {
  const nobody = { messageId: 'm1', timestamp: common.timestamp };
  it.each([
    ['track without a name', mapTrack({ ...common, event: ' ' }, settings), /no event name/],
    ['a reserved event type', mapTrack({ ...common, event: '[Amplitude] Revenue' }, settings), /reserved/],
    ['identify as an ordinary event', mapTrack({ ...common, event: '$identify' }, settings), /reserved/],
    ['no id', mapIdentify(nobody, settings), /no userId/],
    [
      'only refused words as ids',
      mapIdentify({ ...nobody, userId: 'null', anonymousId: 'Undefined' }, settings),
      /no userId/,
    ],
    ['group with a list as id', mapGroup({ ...common, groupId: ['a'] }, settings), /groupId/],
  ])('%s', (_title, mapped, sentence) => {
    expect(mapped).toEqual({ invalid: expect.stringMatching(sentence) });
  });

  it('arrays of arrays and too deep objects, by name', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 39; level += 1) deep = { a: deep };
    expect(shapeProblemOf(trackOne({ properties: { a: [{ b: [[1]] }] } }))).toBe(
      'event_properties.a.0.b is an array of arrays.',
    );
    expect(shapeProblemOf(trackOne({ properties: { a: deep } }))).toBe(
      'event_properties.a is nested deeper than 40 levels.',
    );
    expect(
      shapeProblemOf(trackOne({ properties: { a: [1, [2].length], b: (deep as { a: unknown }).a } })),
    ).toBeUndefined();
  });
});

describe('ids', () => {
  it('the device id wins over the anonymous id, but not when it is all zeros or refused', () => {
    const device = (id: string) => trackOne({ context: { device: { id } } }).device_id;
    expect(device('phone-1')).toBe('phone-1');
    expect(device('00000000-0000-0000-0000-000000000000')).toBe('anon-1');
    expect(device('unknown')).toBe('anon-1');
  });
  it('a refused or empty user id is left out, a number is text', () => {
    expect(trackOne({ userId: 'null' })).not.toHaveProperty('user_id');
    expect(trackOne({ userId: '' })).not.toHaveProperty('user_id');
    expect(trackOne({ userId: 4711 }).user_id).toBe('4711');
  });
  it('an id below the configured minimum is left out, the other is sent', () => {
    const mapped = mapTrack({ ...common, event: 'E', userId: 'abc' }, { ...settings, minIdLength: 5 });
    expect(eventsOf(mapped)[0]).toMatchObject({ device_id: 'anon-1' });
    expect(eventsOf(mapped)[0]).not.toHaveProperty('user_id');
  });
});

describe('context', () => {
  it('each field has its place, and empty text has none', () => {
    const context = {
      app: { version: '1.2' },
      os: { name: 'iOS', version: '' },
      device: {
        type: 'ios',
        brand: 'Apple',
        manufacturer: 'Apple',
        model: 'iPhone 15',
        advertisingId: 'IDFA-1',
        id: 'IDFV-1',
      },
      network: { carrier: 'T-Mobile' },
      location: { country: 'DE', region: 'BE', city: 'Berlin', latitude: '52.5', longitude: 13.4 },
      locale: 'de-DE',
      ip: '8.8.8.8',
      userAgent: 'UA/1.0',
    };
    expect(trackOne({ context })).toEqual({
      ...base,
      event_type: 'E',
      event_properties: {},
      device_id: 'IDFV-1',
      app_version: '1.2',
      platform: 'iOS',
      os_name: 'iOS',
      device_brand: 'Apple',
      device_manufacturer: 'Apple',
      device_model: 'iPhone 15',
      carrier: 'T-Mobile',
      country: 'DE',
      region: 'BE',
      city: 'Berlin',
      location_lat: 52.5,
      location_lng: 13.4,
      language: 'de-DE',
      ip: '8.8.8.8',
      user_agent: 'UA/1.0',
      idfa: 'IDFA-1',
      idfv: 'IDFV-1',
    });
  });
  it.each<[string, Fields, Fields]>([
    [
      'Android has an adid',
      { device: { type: 'android', advertisingId: 'AD-1' } },
      { platform: 'Android', adid: 'AD-1' },
    ],
    [
      'tracking switched off',
      { device: { type: 'android', advertisingId: 'AD-1', adTrackingEnabled: false } },
      { platform: 'Android' },
    ],
    [
      'an advertising id of zeros',
      { device: { type: 'ios', advertisingId: '0000-0000' } },
      { platform: 'iOS' },
    ],
    ['no advertising id on the web', { device: { type: 'web', advertisingId: 'AD-1' } }, { platform: 'web' }],
    ['analytics.js is Web', { library: { name: 'analytics.js' } }, { platform: 'Web' }],
    ['a locale that is an object', { locale: { language: 'en' } }, {}],
    ['$remote is not an address', { ip: '$remote' }, {}],
    ['a latitude that is no number', { location: { latitude: 'north' } }, {}],
  ])('%s', (_title, context, part) => {
    expect(trackOne({ context })).toEqual({ ...base, event_type: 'E', event_properties: {}, ...part });
  });
  it.each([
    ['a number', 1714557600000, 1714557600000],
    ['digits', '1714557600000', 1714557600000],
    ['after a colon', 'session:1714557600000', 1714557600000],
    ['an ISO date', '2024-05-01T10:00:00.000Z', 1714557600000],
    ['none', -1, -1],
    ['garbage', 'abc', undefined],
    ['a fraction', 1.5, undefined],
  ])('the session as %s', (_title, sessionId, expected) => {
    expect(trackOne({ integrations: { 'Actions Amplitude': { session_id: sessionId } } }).session_id).toBe(
      expected,
    );
    expect(trackOne({ integrations: { Amplitude: { session_id: sessionId } } }).session_id).toBe(expected);
    expect(trackOne({ context: { sessionId } }).session_id).toBe(expected);
  });
  it('event id and groups come from the options', () => {
    const groups = { team: ['a', 5, {}], org: 'acme', bad: {} };
    const event = trackOne({ integrations: { amplitude: { event_id: '12', groups } } });
    expect(event).toMatchObject({ event_id: 12, groups: { team: ['a', '5'], org: 'acme' } });
    expect(trackOne({ integrations: { Amplitude: { event_id: 'x' } } })).not.toHaveProperty('event_id');
  });
});

describe('user properties', () => {
  it('plain traits and operations never stand side by side', () => {
    const traits = {
      plan: 'pro',
      $add: { logins: 1 },
      $set: { vip: true },
      $unset: ['old'],
      $append: 'no object',
    };
    expect(identify({ traits }).user_properties).toEqual({
      $set: { plan: 'pro', vip: true },
      $add: { logins: 1 },
      $unset: { old: '-' },
    });
  });
  it('campaign and referrer are set, and set once as initial', () => {
    const context = {
      traits: { plan: 'pro' },
      campaign: { name: 'spring', source: 'mail', id: 'x' },
      page: { referrer: 'https://a.test/' },
    };
    const expected = {
      $set: { plan: 'pro', utm_campaign: 'spring', utm_source: 'mail', referrer: 'https://a.test/' },
      $setOnce: {
        initial_utm_campaign: 'spring',
        initial_utm_source: 'mail',
        initial_referrer: 'https://a.test/',
      },
    };
    expect(trackOne({ context }).user_properties).toEqual(expected);
    expect(identify({ context, traits: { plan: 'pro' } }).user_properties).toEqual(expected);
  });
  it('fieldsToUnset', () => {
    const integrations = { Amplitude: { fieldsToUnset: ['old'] } };
    expect(identify({ integrations }).user_properties).toEqual({ $unset: { old: '-' } });
  });
  it('an address stays nested', () => {
    const traits = { address: { city: 'Berlin' } };
    expect(identify({ traits })).toMatchObject({ user_properties: { $set: traits } });
    expect(identify({ traits })).not.toHaveProperty('city');
  });
});

describe('revenue', () => {
  it('is sent alone: 48, not 25 times 2', () => {
    const properties = { revenue: 48, price: 25, quantity: 2, product_id: 'p1', currency: 'EUR' };
    const event = trackOne({ event: 'Order Completed', properties });
    expect(event).toMatchObject({
      revenue: 48,
      revenueType: 'Purchase',
      productId: 'p1',
      currency: 'EUR',
      event_properties: properties,
    });
    expect(event).not.toHaveProperty('price');
    expect(event).not.toHaveProperty('quantity');
  });
  it.each([
    ['text that is a number', 'Order Completed', { revenue: '32' }, 32],
    ['text that is none', 'Order Completed', { revenue: '32 EUR' }, undefined],
    ['a cart event', 'Product Added', { price: 25, quantity: 2 }, undefined],
    ['a refund', 'Order Refunded', { revenue: 10 }, -10],
    ['a refund that is negative already', 'Order Refunded', { revenue: -10 }, -10],
    ['any other event with revenue', 'Subscribed', { revenue: 5 }, 5],
  ])('%s', (_title, event, properties, revenue) => {
    expect(trackOne({ event, properties }).revenue).toBe(revenue);
  });
  it('a completed order has an event per product, without revenue and with its own insert_id', () => {
    const products = [
      { product_id: 'p1', price: 10, quantity: 1, revenue: 10 },
      'broken',
      { product_id: 'p2', price: 5 },
    ];
    const context = { traits: { $add: { orders: 1 } } };
    const [order, ...rest] = track({
      event: 'Order Completed',
      properties: { revenue: 15, products },
      context,
    });
    expect(order).toMatchObject({ revenue: 15, insert_id: 'm1', event_properties: { products } });
    expect(rest).toEqual([
      { ...base, insert_id: 'm1-1', event_type: 'Product Purchased', event_properties: products[0] },
      { ...base, insert_id: 'm1-2', event_type: 'Product Purchased', event_properties: products[2] },
    ]);
  });
  it('a cart has none', () => {
    expect(track({ event: 'Cart Viewed', properties: { products: [{ product_id: 'p1' }] } })).toHaveLength(1);
  });
});

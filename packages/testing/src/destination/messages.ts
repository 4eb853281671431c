import type { Message } from './jobs.js';

/** The message types of the Segment specification. */
export const messageTypes = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;
export type GeneratedType = (typeof messageTypes)[number];

/** What a message of the type must have, and nothing else. `n` keeps persons apart. */
export function requiredOnly(type: GeneratedType, n = 1): Message {
  const own: Readonly<Record<GeneratedType, Message>> = {
    identify: {},
    track: { event: 'Signed Up' },
    page: {},
    screen: {},
    group: { groupId: `group-${n}` },
    alias: { previousId: `anonymous-${n}` },
  };
  return { type, messageId: `generated-${n}`, userId: `user-${n}`, ...own[type] };
}

/** Every field that the specification has for the type, each with a value of its type. `n` keeps persons apart. */
export function allFields(type: GeneratedType, n = 1): Message {
  const own: Readonly<Record<GeneratedType, Message>> = {
    identify: { traits: userTraits(n) },
    track: { event: 'Order Completed', properties: order },
    page: { name: 'Pricing', category: 'Docs', properties: { ...page, keywords: ['plans', 'prices'] } },
    screen: { name: 'Basket', category: 'Shop', properties: { name: 'Basket', variation: 'blue' } },
    group: { groupId: `group-${n}`, traits: groupTraits },
    alias: { previousId: `anonymous-${n}` },
  };
  return {
    type,
    messageId: `generated-${n}`,
    userId: `user-${n}`,
    anonymousId: `anonymous-${n}`,
    timestamp: '2026-11-23T10:00:00.000Z',
    originalTimestamp: '2026-11-23T10:00:05.000Z',
    sentAt: '2026-11-23T10:00:06.000Z',
    version: 2,
    channel: 'browser',
    context: contextOf(n),
    integrations: { All: true, 'Segment.io': true },
    ...own[type],
  };
}

/** For each type, messages that nobody can take: the rules of Segment's own libraries. */
export function invalidMessages(type: GeneratedType): readonly Message[] {
  const { messageId, userId, ...own } = requiredOnly(type);
  const nobody = { ...own, messageId };
  const fields = { track: ['event'], group: ['groupId'], alias: ['previousId'] } as const;
  const needed = type in fields ? fields[type as keyof typeof fields] : [];
  return [
    nobody,
    { ...nobody, userId: '', anonymousId: null },
    ...needed.map((field) => ({ ...nobody, userId, [field]: undefined })),
    ...needed.map((field) => ({ ...nobody, userId, [field]: '' })),
  ];
}

const address = {
  street: 'Unter den Linden 1',
  city: 'Berlin',
  state: 'Berlin',
  postalCode: '10117',
  country: 'Germany',
};

const userTraits = (n: number): Message => ({
  address,
  age: 36,
  avatar: 'https://cdn.fragment-tests.io/avatar.png',
  birthday: '1990-02-14T00:00:00.000Z',
  company: { name: 'Initech', id: 42, industry: 'Software', employee_count: 120, plan: 'enterprise' },
  createdAt: '2020-03-04T05:06:07.000Z',
  description: 'Likes long messages',
  email: `person-${n}@fragment-tests.io`,
  firstName: 'Ada',
  gender: 'female',
  id: `user-${n}`,
  lastName: 'Lovelace',
  name: 'Ada Lovelace',
  phone: '+49 30 123456',
  title: 'Countess',
  username: `ada-${n}`,
  website: 'https://fragment-tests.io',
});

const groupTraits: Message = {
  address,
  avatar: 'https://cdn.fragment-tests.io/logo.png',
  createdAt: '2019-01-02T03:04:05.000Z',
  description: 'Makes things',
  email: 'office@fragment-tests.io',
  employees: 120,
  id: 'group-1',
  industry: 'Software',
  name: 'Initech',
  phone: '+49 30 654321',
  plan: 'enterprise',
  website: 'https://initech.fragment-tests.io',
};

const product = (n: number): Message => ({
  product_id: `product-${n}`,
  sku: `SKU-${n}`,
  category: 'Games',
  name: `Game ${n}`,
  brand: 'Hasbro',
  variant: 'deluxe',
  price: 19.5,
  quantity: n,
  coupon: 'MAYDEALS',
  position: n,
  url: `https://shop.fragment-tests.io/${n}`,
  image_url: `https://shop.fragment-tests.io/${n}.jpg`,
});

const order: Message = {
  checkout_id: 'checkout-1',
  order_id: 'order-1',
  affiliation: 'Store',
  subtotal: 58.5,
  total: 68.5,
  revenue: 55.5,
  value: 55.5,
  shipping: 8,
  tax: 5,
  discount: 3,
  coupon: 'WINTER',
  currency: 'EUR',
  products: [product(1), product(2)],
};

const page: Message = {
  name: 'Pricing',
  path: '/pricing',
  referrer: 'https://search.fragment-tests.io/?q=cdp',
  search: '?utm_source=newsletter',
  title: 'Pricing - Fragment',
  url: 'https://fragment-tests.io/pricing?utm_source=newsletter',
};

const contextOf = (n: number): Message => ({
  active: true,
  amp: { id: 'amp-1' },
  app: { name: 'Shop', version: '4.1.0', build: '410', namespace: 'io.fragment-tests.shop' },
  campaign: { name: 'winter', source: 'newsletter', medium: 'email', term: 'cdp', content: 'button' },
  channel: 'browser',
  device: {
    id: `device-${n}`,
    advertisingId: '7a3cbea0-af61-11eb-8529-0242ac130003',
    adTrackingEnabled: true,
    manufacturer: 'Apple',
    model: 'iPhone7,2',
    name: 'maguro',
    type: 'ios',
    version: '1',
    token: 'device-token',
  },
  direct: true,
  groupId: `group-${n}`,
  ip: '203.0.113.7',
  library: { name: 'analytics.js', version: '4.8.0' },
  locale: 'de-DE',
  location: {
    city: 'Berlin',
    country: 'Germany',
    region: 'Berlin',
    latitude: 52.52,
    longitude: 13.405,
    speed: 0,
  },
  network: { bluetooth: false, carrier: 'T-Mobile', cellular: true, wifi: false },
  os: { name: 'iPhone OS', version: '17.1' },
  page: { ...page, hash: '#plans' },
  referrer: { type: 'dataxu', name: 'News', url: 'https://news.fragment-tests.io', link: 'x', id: 'ABCD' },
  screen: { width: 390, height: 844, density: 3 },
  timezone: 'Europe/Berlin',
  traits: { email: `person-${n}@fragment-tests.io`, name: 'Ada Lovelace' },
  userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15',
  userAgentData: {
    brands: [{ brand: 'Chromium', version: '120' }],
    mobile: true,
    platform: 'iOS',
    platformVersion: '17.1',
  },
});

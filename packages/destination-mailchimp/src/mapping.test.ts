import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { mapIdentify, type MappedUpsert } from './mapping/identify.js';
import type { Fields } from './mapping/read.js';
import { mapTrack, type MappedEvent } from './mapping/track.js';
import { readOptions } from './options.js';

const { mapping: settings } = readOptions({ apiKey: 'key-us20', audienceId: 'list1' });
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

function mapped<T extends object>(result: T | { invalid: string }): T {
  if ('invalid' in result) throw new Error(result.invalid);
  return result;
}
const identify = (message: Fields, o = settings): MappedUpsert => mapped(mapIdentify(message, o));
const mergeFields = (traits: Fields, mergeTags = {}) =>
  identify({ traits: { email: 'ann@shop.test', ...traits } }, { ...settings, mergeTags }).body.merge_fields;

describe('the contact', () => {
  it('is named by the md5 of the trimmed lower-case address, and keeps its own spelling', () => {
    const { contact, body } = identify({ traits: { email: '  Ann@Shop.test ' } });
    expect(contact).toMatchObject({
      hash: md5('ann@shop.test'),
      audienceId: 'list1',
      audienceOfMessage: false,
    });
    expect(body).toEqual({ email_address: 'Ann@Shop.test', status_if_new: 'subscribed' });
  });
  it('may stand in the traits of the context', () => {
    expect(identify({ context: { traits: { email: 'ann@shop.test' } } }).contact.address).toBe(
      'ann@shop.test',
    );
  });
  it.each([
    ['no address', { userId: 'ann@shop.test', traits: { plan: 'pro' } }, /no e-mail address/],
    ['an empty one', { traits: { email: ' ' } }, /no e-mail address/],
    ['a number', { traits: { email: 5 } }, /no e-mail address/],
    ['not an address', { traits: { email: 'ann' } }, /is not one/],
  ])('%s: nothing to write to', (_title, message, sentence) => {
    expect(mapIdentify(message, settings)).toEqual({ invalid: expect.stringMatching(sentence) });
  });
});

describe('the status', () => {
  const traits = { email: 'ann@shop.test' };
  it('of a new member is pending with double opt-in; that of a known one is not touched', () => {
    expect(identify({ traits }, { ...settings, enableDoubleOptIn: true }).body).toEqual({
      email_address: 'ann@shop.test',
      status_if_new: 'pending',
    });
  });
  it.each(['pending', 'subscribed', 'unsubscribed', 'cleaned'])(
    '%s overrides that of a known member only',
    (status) => {
      const integrations = { MailChimp: { subscriptionStatus: status } };
      expect(identify({ traits, integrations }, { ...settings, enableDoubleOptIn: true }).body).toMatchObject(
        {
          status,
          status_if_new: 'pending',
        },
      );
    },
  );
  it('of no known name is ignored; listId names another audience', () => {
    const { contact, body } = identify({
      traits,
      integrations: { mailchimp: { subscriptionStatus: 'vip', listId: 'list2' } },
    });
    expect(body).not.toHaveProperty('status');
    expect(contact).toMatchObject({ audienceId: 'list2', audienceOfMessage: true });
  });
});

describe('merge fields', () => {
  const address = { street: 'Main St 1', city: 'Berlin', state: 'BE', postalCode: 10115, country: 'DE' };
  it.each<[string, Fields, Fields | undefined]>([
    ['names', { firstName: 'Ann', lastName: 'Lee' }, { FNAME: 'Ann', LNAME: 'Lee' }],
    ['names in other spellings', { first_name: 'Ann', lastname: 'Lee' }, { FNAME: 'Ann', LNAME: 'Lee' }],
    ['one name is split', { name: 'Ann van der Lee' }, { FNAME: 'Ann', LNAME: 'van der Lee' }],
    ['one word has no rest', { name: 'Ann' }, { FNAME: 'Ann' }],
    ['explicit names win', { name: 'X Y', firstName: 'Ann' }, { FNAME: 'Ann', LNAME: 'Y' }],
    ['a phone number', { phone: 4930 }, { PHONE: '4930' }],
    ['an address, its postal code as text', { address }, { ADDRESS: { addr1: 'Main St 1', city: 'Berlin', state: 'BE', zip: '10115', country: 'DE' } }],
    ['a part of an address is left out', { address: { ...address, state: '' } }, undefined],
    ['a birthday from a date', { birthday: '1990-05-21' }, { BIRTHDAY: '05/21' }],
    ['a birthday from a date with a time', { birthday: '1990-05-21T00:00:00.000Z' }, { BIRTHDAY: '05/21' }],
    ['a birthday as it should be', { birthday: '05/21' }, { BIRTHDAY: '05/21' }],
    ['a birthday that is none', { birthday: 'in May' }, undefined],
    ['letters and digits only, ten of them', { 'order_completed at': 'x' }, { ORDERCOMPL: 'x' }],
    ['booleans are text', { vip: true, b: false }, { VIP: 'true', B: 'false' }],
    ['numbers stay', { age: 30 }, { AGE: 30 }],
    ['null clears', { plan: null, firstName: null }, { PLAN: '', FNAME: '' }],
    ['times become dates', { since: '2024-05-01T10:00:00.000Z', day: '2024-05-01' }, { SINCE: '2024-05-01', DAY: '2024-05-01' }],
    ['lists and objects are left out', { tags: ['a'], company: { name: 'x' } }, undefined],
    ['two traits of one tag: the first of the alphabet', { plan_x: 'b', 'plan x': 'a' }, { PLANX: 'a' }],
    ['a standard tag wins over a derived one', { fname: 'x', firstName: 'Ann' }, { FNAME: 'Ann' }],
    ['nothing but signs', { '!?': 'x' }, undefined],
  ])('%s', (_title, traits, fields) => {
    expect(mergeFields(traits)).toEqual(fields);
  }); // prettier-ignore
  it('a configured tag wins', () => {
    const tags = { plan: 'PLANCODE', phone: 'MOBILE' };
    expect(mergeFields({ plan: 'pro', phone: '1', plancode: 'x' }, tags)).toEqual({
      PLANCODE: 'pro',
      MOBILE: '1',
    });
  });
});

describe('a member event', () => {
  const track = (message: Fields) =>
    mapTrack({ timestamp: '2024-05-01T10:00:00.000Z', ...message }, settings);
  it('has underscores in its name and text in its properties', () => {
    const properties = { email: 'ann@shop.test', price: 5, sizes: ['s'], note: 'x', gone: null };
    const { contact, body } = mapped<MappedEvent>(track({ event: 'Order Completed', properties }));
    expect(contact.hash).toBe(md5('ann@shop.test'));
    expect(body).toEqual({
      name: 'Order_Completed',
      properties: { price: '5', sizes: '["s"]', note: 'x' },
      occurred_at: '2024-05-01T10:00:00.000Z',
    });
  });
  it('finds its contact in the traits of the context first', () => {
    const context = { traits: { email: 'context@shop.test' } };
    expect(
      mapped<MappedEvent>(track({ event: 'Viewed', context, properties: { email: 'b@shop.test' } })).contact
        .address,
    ).toBe('context@shop.test');
  });
  it.each([
    ['no name', { properties: { email: 'a@b.test' } }, /2 to 30/],
    ['a name too long', { event: 'x'.repeat(31), properties: { email: 'a@b.test' } }, /this one has 31/],
    ['no address', { event: 'Viewed' }, /no e-mail address/],
  ])('%s: none', (_title, message, sentence) => {
    expect(track(message)).toEqual({ invalid: expect.stringMatching(sentence) });
  });
});

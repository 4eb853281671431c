import { describe, expect, it } from '@jest/globals';
import type { FlowDestination, StoredEvent } from '@fragment/core';
import { identify, segmentflow, track } from './index.js';

const all = ['identify', 'track', 'page', 'screen', 'group', 'alias'];
const amplitude: FlowDestination = {
  name: 'amplitude',
  integrations: ['Amplitude', 'Actions Amplitude'],
  accepts: 'segment',
  actions: all,
};
const mailchimp: FlowDestination = {
  name: 'mailchimp',
  integrations: ['Mailchimp'],
  accepts: 'segment',
  actions: ['identify'],
};
const warehouse: FlowDestination = { name: 'warehouse', integrations: ['warehouse'], actions: all };
const destinations = [amplitude, mailchimp, warehouse];

const event = (type: string, data: object = {}, more: Partial<StoredEvent> = {}): StoredEvent => ({
  id: '1',
  source: 'rest',
  trigger: type,
  type,
  timestamp: new Date(0),
  receivedAt: new Date(0),
  data: JSON.stringify(data),
  ...more,
});

/** All six flows together, as a trigger has them. */
const planned = (
  message: StoredEvent,
  to: readonly FlowDestination[] = destinations,
): Record<string, unknown> =>
  Object.assign({}, ...segmentflow.map((flow) => flow.transform(message, { destinations: to }))) as Record<
    string,
    unknown
  >;

describe('segmentflow', () => {
  it.each(all)('plans the action named %s wherever there is one, once', (type) => {
    const expected = {
      amplitude: [{ action: type }],
      ...(type === 'identify' ? { mailchimp: [{ action: type }] } : {}),
    };
    expect(planned(event(type))).toEqual(expected);
    expect(
      segmentflow.filter((flow) => Object.keys(flow.transform(event(type), { destinations })).length > 0),
    ).toHaveLength(1);
  });

  it('has a flow per type that plans its own type only', () => {
    expect(segmentflow.map(({ name }) => name)).toEqual(all.map((type) => `segmentflow.${type}`));
    expect(identify.transform(event('track'), { destinations })).toEqual({});
    expect(track.transform(event('batch'), { destinations })).toEqual({});
  });

  it.each([
    [{ All: false }, []],
    [{ all: false, Mailchimp: { list: 'x' } }, ['mailchimp']],
    [{ Amplitude: false }, ['mailchimp']],
    [{ amplitude: false, MAILCHIMP: true }, ['mailchimp']],
    [{ All: false, 'Segment.io': true }, []],
    [{ 'Segment.io': true }, ['amplitude', 'mailchimp']],
    [{}, ['amplitude', 'mailchimp']],
    [null, ['amplitude', 'mailchimp']],
  ])('obeys integrations %j', (integrations, names) => {
    expect(Object.keys(planned(event('identify', { integrations })))).toEqual(names);
  });

  it('tells two destinations of one vendor apart by their names', () => {
    const eu: FlowDestination = { ...amplitude, name: 'amplitude-eu' };
    const both = { integrations: { Amplitude: false, 'amplitude-eu': true } };
    expect(Object.keys(planned(event('track', both), [amplitude, eu]))).toEqual(['amplitude-eu']);
  });

  it('obeys what the batch says for its items, unless the item says otherwise', () => {
    const envelope = JSON.stringify({ integrations: { All: false, Mailchimp: true } });
    expect(Object.keys(planned(event('identify', {}, { envelope })))).toEqual(['mailchimp']);
    const item = { integrations: { All: true } };
    expect(Object.keys(planned(event('identify', item, { envelope })))).toEqual(['amplitude', 'mailchimp']);
  });

  it('uses the message as it was read already, and changes nothing', () => {
    const parsed = Object.freeze({ integrations: Object.freeze({ Amplitude: false }) });
    const message = Object.freeze(event('identify', {}, { data: 'unread', parsed }));
    expect(Object.keys(planned(message))).toEqual(['mailchimp']);
  });
});

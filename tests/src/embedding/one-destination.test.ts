import { afterEach, describe, expect, it } from '@jest/globals';
import { amplitude } from '@fragment/destination-amplitude';
import { leasedJob, loadToolkit, startFakeAmplitude } from '@fragment/testing';
import { Opened } from '../acceptance/world.js';

const opened = new Opened();
afterEach(() => opened.stop());

describe('one destination used alone, without an application', () => {
  it('delivers what it is given, says what became of it, and lets go of everything', async () => {
    const fake = opened.add(await startFakeAmplitude({ apiKey: 'k3y' }));
    const destination = amplitude({ apiKey: 'k3y', endpoint: fake.url });
    const toolkit = loadToolkit({ destination: 'amplitude' });
    const load = async (type: string, ...messages: readonly object[]) => {
      const jobs = messages.map((message) => leasedJob({ type, ...message }));
      const results = await destination.actions.find(({ name }) => name === type)!.load(jobs, toolkit);
      expect(results.map(({ job }) => job)).toEqual(jobs.map(({ id }) => id));
      return results.map(({ outcome }) => outcome);
    };
    const orders = ['user-one', 'user-two'].map((userId) => ({ userId, event: 'Order Completed' }));
    expect(await load('track', ...orders)).toEqual(['succeeded', 'succeeded']);
    expect(await load('identify', { userId: 'user-one', traits: { plan: 'basic' } })).toEqual(['succeeded']);
    expect(fake.accepted.map(({ event_type, user_id }) => [event_type, user_id])).toEqual([
      ['Order Completed', 'user-one'],
      ['Order Completed', 'user-two'],
      ['$identify', 'user-one'],
    ]);

    fake.script({ status: 503 });
    expect(await load('track', ...orders)).toEqual(['failed', 'failed']);
    fake.setKey('another');
    expect(await load('track', ...orders)).toEqual(['failed', 'failed']);
    expect(await destination.check!(toolkit)).toBe('refused');
    expect(JSON.stringify(toolkit.logged)).not.toContain('k3y');
    const sent = fake.requests.length;
    await destination.shutdown!(toolkit);
    expect(await load('track', ...orders)).toEqual(['failed', 'failed']);
    expect(fake.requests).toHaveLength(sent);
  });
});

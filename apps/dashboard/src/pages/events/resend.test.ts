import { describe, expect, it } from '@jest/globals';
import type { EventDetail, TriggerDetail } from '../../api/types.js';
import { curlOfEvent } from './resend.js';

const http: TriggerDetail = {
  name: 'track',
  mode: {
    mode: 'http',
    http: { methods: ['POST'], path: '/v1/track', paths: ['/v1/track'], show_meta: false, show_data: false },
  },
  flows: [],
  last_run: null,
};
const event = (data: unknown, context: unknown = null) =>
  ({ trigger: 'track', data, context }) as EventDetail;
const bodyOf = (command = ''): unknown => JSON.parse(/-d '(.*)'$/s.exec(command)?.[1] ?? 'null');

describe('sending an event again', () => {
  it('posts its message to its trigger, as a new message', () => {
    const command = curlOfEvent(event({ messageId: 'm1', event: 'Bought' }), [http]);
    expect(command).toContain("curl 'http://127.0.0.1:9090/v1/track'");
    expect(bodyOf(command)).toEqual({ event: 'Bought' });
  });

  it('adds what its batch said once, without overruling the message', () => {
    const context = { context: { ip: '1', locale: 'en' }, integrations: { All: true } };
    const command = curlOfEvent(event({ event: 'Bought', context: { ip: '2' } }, context), [http]);
    expect(bodyOf(command)).toEqual({
      event: 'Bought',
      context: { ip: '2', locale: 'en' },
      integrations: { All: true },
    });
  });

  it('is not offered where HTTP does not lead', () => {
    const cron: TriggerDetail = {
      name: 'track',
      mode: { mode: 'cron', cron: { next_run_at: null, interval: '@daily' } },
      flows: [],
      last_run: null,
    };
    expect(curlOfEvent(event({}), [cron])).toBeUndefined();
    expect(curlOfEvent(event({}), [])).toBeUndefined();
    expect(curlOfEvent(event('not json'), [http])).toBeUndefined();
  });
});

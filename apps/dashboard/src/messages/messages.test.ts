import { describe, expect, it } from '@jest/globals';
import { exampleBody } from './example-body.js';
import { KEY_PLACEHOLDER, routeCommand } from './route-command.js';
import { readMessage, sampleMessage, SAMPLE_TYPES } from './sample-messages.js';

describe('a test message', () => {
  it.each(SAMPLE_TYPES)('%s has a sample that can be read back', (type) => {
    const sample = sampleMessage(type);
    expect(readMessage(JSON.stringify(sample))).toEqual({ message: sample });
    expect(sample).toMatchObject({ type, userId: expect.any(String) as unknown });
  });

  it.each([
    ['', /not JSON/],
    ['{"type": "track",}', /not JSON/],
    ['[1]', /JSON object/],
    ['null', /JSON object/],
    ['"track"', /JSON object/],
    ['{}', /needs a type/],
    ['{"type": 1}', /needs a type/],
    ['{"type": ""}', /needs a type/],
  ])('%s is refused with the reason', (text, reason) => {
    expect(readMessage(text)).toEqual({ problem: expect.stringMatching(reason) as unknown });
  });
});

describe('the body that tries a route', () => {
  it('is a message, a batch of them, or empty', () => {
    expect(exampleBody('track')).toEqual(sampleMessage('track'));
    expect(exampleBody('batch')).toEqual({ batch: [sampleMessage('identify'), sampleMessage('track')] });
    expect(exampleBody('orders')).toEqual({});
    // Nothing that every object has is taken for a sample.
    expect(exampleBody('toString')).toEqual({});
  });
});

describe('the command that tries a route', () => {
  const route = { gateway: 'http://localhost:9090/', path: '/v1/track', trigger: 'track' };

  it('posts a message, with a place for the key where one is needed', () => {
    const open = routeCommand({ ...route, methods: ['GET', 'POST'], withKey: false });
    expect(open).toContain("curl 'http://localhost:9090/v1/track'");
    expect(open).toContain('"event": "Fragment Test Event"');
    expect(open).not.toContain('-u ');
    expect(routeCommand({ ...route, methods: ['POST'], withKey: true })).toContain(
      `-u '${KEY_PLACEHOLDER}:'`,
    );
  });

  it('uses the method of a route that takes no POST', () => {
    const asked = { ...route, path: '/pixel', withKey: false };
    expect(routeCommand({ ...asked, methods: ['GET'] })).toBe("curl 'http://localhost:9090/pixel'");
    expect(routeCommand({ ...asked, methods: ['PUT'], withKey: true })).toBe(
      `curl -X PUT -u '${KEY_PLACEHOLDER}:' 'http://localhost:9090/pixel'`,
    );
  });
});

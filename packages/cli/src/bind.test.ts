import { describe, expect, it } from '@jest/globals';
import { parseBind } from './bind.js';

describe('parseBind', () => {
  it.each([
    ['19090:9090', { service: 'gateway', port: 19090 }],
    ['0:9091', { service: 'scheduler', port: 0 }],
    ['0.0.0.0:80:9090', { service: 'gateway', host: '0.0.0.0', port: 80 }],
    ['localhost:80:9091', { service: 'scheduler', host: 'localhost', port: 80 }],
    ['[::1]:80:9090', { service: 'gateway', host: '::1', port: 80 }],
  ])('reads %s', (text, binding) => {
    expect(parseBind(text)).toEqual(binding);
  });

  it.each(['', '9090', '80:9092', ':80:9090', '::1:80:9090', '-1:9090', '70000:9090', 'x:9090', '80:9090:1'])(
    'refuses %j',
    (text) => {
      expect(parseBind(text)).toEqual(expect.any(String));
    },
  );
});

import type { HttpReply, HttpTrigger } from '@fragment/core';
import type { RestSettings } from './options.js';

const thanks: HttpReply = {
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify({ statusCode: 200, message: 'Successful', success: true }),
};

/**
 * `POST /v1/m`, where SDKs report on themselves, without a write key. Counted and dropped. Whatever is sent is answered
 * 200, because an SDK that is told of a failure sends again what nobody wants.
 */
export function metricsTrigger({ prefix }: RestSettings): HttpTrigger {
  return {
    name: 'metrics',
    mode: 'http',
    route: { methods: ['POST'], path: `${prefix}/v1/m` },
    extract: () => ({ noEvent: 'sdk metrics', reply: thanks }),
    reply: () => thanks,
  };
}

import { curlOf } from './curl.js';

/** Where a gateway listens unless it is told otherwise. */
export const GATEWAY_URL = 'http://127.0.0.1:9090';

/** The first message anybody sends. */
export const FIRST_CURL = curlOf({
  url: `${GATEWAY_URL}/v1/identify`,
  writeKey: 'YOUR_WRITE_KEY',
  body: { userId: 'ada', traits: { email: 'ada@example.com', firstName: 'Ada' } },
});

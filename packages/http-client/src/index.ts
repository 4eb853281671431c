export { allowFault } from './allow-list.js';
export { createHttpClient } from './client.js';
export type { HttpExchange } from './exchanges.js';
export { encodeJson } from './json.js';
export { exchangeOf, type Share } from './share.js';
export type {
  HttpAnswer,
  HttpClient,
  HttpClientOptions,
  HttpFailure,
  HttpMethod,
  HttpReply,
  HttpRequest,
} from './types.js';
export { classify, deliveryError, finalVerdict, resultFor, verdictFor, withoutExchange } from './verdict.js';
export type { JobVerdict, Verdict, VerdictRule, VerdictTable } from './verdict.js';

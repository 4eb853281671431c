export { allowFault } from './allow-list.js';
export { createHttpClient } from './client.js';
export type { HttpExchange } from './exchanges.js';
export { encodeJson } from './json.js';
export type {
  HttpAnswer,
  HttpClient,
  HttpClientOptions,
  HttpFailure,
  HttpMethod,
  HttpReply,
  HttpRequest,
} from './types.js';
export { classify, deliveryError, resultFor } from './verdict.js';
export type { Verdict, VerdictRule, VerdictTable } from './verdict.js';

import { curlOf, shellQuote } from '../format/curl.js';
import { exampleBody } from './example-body.js';

interface RouteRequest {
  /** Address of the gateway. */
  readonly gateway: string;
  readonly methods: readonly string[];
  readonly path: string;
  readonly trigger: string;
  /** Do senders need a key? */
  readonly withKey: boolean;
}

/** What stands where the sender's own key has to. */
export const KEY_PLACEHOLDER = '<write key>';

/** A command that sends something to a route. */
export function routeCommand({ gateway, methods, path, trigger, withKey }: RouteRequest): string {
  const url = `${gateway.replace(/\/+$/, '')}${path}`;
  const writeKey = withKey ? { writeKey: KEY_PLACEHOLDER } : {};
  if (methods.includes('POST')) return curlOf({ url, body: exampleBody(trigger), ...writeKey });
  const [method = 'GET'] = methods;
  return `curl${method === 'GET' ? '' : ` -X ${method}`}${withKey ? ` -u ${shellQuote(`${KEY_PLACEHOLDER}:`)}` : ''} ${shellQuote(url)}`;
}

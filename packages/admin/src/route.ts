import { FragmentError } from '@fragment/core';
import type { Endpoint } from './api/endpoint.js';
import { MethodError } from './method-error.js';

export interface Matched {
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string>>;
}

interface Compiled {
  readonly endpoint: Endpoint;
  readonly segments: readonly string[];
}

/**
 * Finds the endpoint of a method and path.
 * The function throws FRAGMENT_HTTP_NOT_FOUND for a path that is nobody's, MethodError for one of other methods.
 */
export function routesOf(endpoints: readonly Endpoint[]): (method: string, path: string) => Matched {
  const compiled = endpoints.map((endpoint): Compiled => ({
    endpoint,
    segments: endpoint.path.split('/').slice(1),
  }));
  return (method, path) => {
    const given = path.split('/').slice(1);
    if (given.at(-1) === '') given.pop();
    const wanted = method === 'HEAD' ? 'GET' : method;
    const others = new Set<string>();
    for (const { endpoint, segments } of compiled) {
      const params = paramsOf(segments, given);
      if (!params) continue;
      if (endpoint.method === wanted) return { endpoint, params };
      others.add(endpoint.method);
      if (endpoint.method === 'GET') others.add('HEAD');
    }
    if (others.size > 0) throw new MethodError([...others].sort().join(', '));
    throw new FragmentError('FRAGMENT_HTTP_NOT_FOUND');
  };
}

function paramsOf(segments: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (segments.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, segment] of segments.entries()) {
    const value = decoded(given[at] ?? '');
    if (segment.startsWith(':')) params[segment.slice(1)] = value;
    else if (segment !== value) return undefined;
  }
  return params;
}

/** A lone percent sign stays what it is: it then matches nothing. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

import { pathsOf, type Route } from '@fragment/core';

/** One route as it is reached by one method at one path. */
export interface Target {
  readonly route: Route;
  /** Names of its path's `:name` segments, in order. */
  readonly names: readonly string[];
}

/** What answers at one path. */
export interface Endpoint {
  readonly byMethod: ReadonlyMap<string, Target>;
  /** The Allow header. */
  readonly allow: string;
}

export interface Found {
  readonly endpoint: Endpoint;
  /** What the `:name` segments stand for, decoded, in order. */
  readonly values: readonly string[];
}

/** Finds what answers at a path. */
export type RouteTable = (path: string) => Found | undefined;

interface Pattern {
  readonly segments: readonly string[];
  readonly endpoint: Endpoint;
}

const ANY = ':';

/** Exact paths cost one look into a map; only what is none of them is compared with the patterns. */
export function routeTable(routes: readonly Route[]): RouteTable {
  const exact = new Map<string, Found>();
  const patterns: Pattern[] = [];
  for (const [shape, byMethod] of byShape(routes)) {
    const endpoint = endpointOf(byMethod);
    if (shape.includes(`/${ANY}`)) patterns.push({ segments: shape.split('/'), endpoint });
    else exact.set(shape, { endpoint, values: [] });
  }
  return (path) => exact.get(path) ?? firstMatch(patterns, path);
}

function byShape(routes: readonly Route[]): ReadonlyMap<string, Map<string, Target>> {
  const shapes = new Map<string, Map<string, Target>>();
  for (const route of routes) {
    for (const path of pathsOf(route.trigger.route)) {
      const { shape, names } = shapeOf(path);
      const byMethod = shapes.get(shape) ?? new Map<string, Target>();
      for (const method of route.trigger.route.methods) byMethod.set(method.toUpperCase(), { route, names });
      shapes.set(shape, byMethod);
    }
  }
  return shapes;
}

/** Paths that differ in the names of their segments alone are one. */
function shapeOf(path: string): { readonly shape: string; readonly names: readonly string[] } {
  const names: string[] = [];
  const segments = path.split('/').map((segment) => {
    if (!segment.startsWith(ANY)) return segment;
    names.push(segment.slice(ANY.length));
    return ANY;
  });
  return { shape: segments.join('/'), names };
}

function endpointOf(byMethod: Map<string, Target>): Endpoint {
  const get = byMethod.get('GET');
  if (get && !byMethod.has('HEAD')) byMethod.set('HEAD', get);
  return { byMethod, allow: [...new Set([...byMethod.keys(), 'OPTIONS'])].join(', ') };
}

function firstMatch(patterns: readonly Pattern[], path: string): Found | undefined {
  if (patterns.length === 0) return undefined;
  const segments = path.split('/');
  for (const { segments: wanted, endpoint } of patterns) {
    const values = wanted.length === segments.length ? matched(wanted, segments) : undefined;
    if (values) return { endpoint, values };
  }
  return undefined;
}

function matched(wanted: readonly string[], segments: readonly string[]): string[] | undefined {
  const values: string[] = [];
  for (const [index, segment] of segments.entries()) {
    if (wanted[index] === ANY) {
      const value = decoded(segment);
      if (value === undefined || value === '') return undefined;
      values.push(value);
    } else if (wanted[index] !== segment) return undefined;
  }
  return values;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

import type { Destination, Logger } from '@fragment/core';
import type { Environment } from './environment.js';

/** A destination that is left out because variables it needs are not set. */
export interface MissingDestination {
  readonly destination: string;
  /** The variables that are not set. */
  readonly missing: readonly string[];
  /** Some are set: somebody has begun and not finished. */
  readonly begun: boolean;
}

/**
 * A destination that is registered when all of its variables are set; otherwise the log says which are missing. A
 * variable that is empty counts as not set.
 * @param destination its name.
 *
 * @example
 * whenSet(env, 'amplitude', ['AMPLITUDE_API_KEY'], (set) => amplitude({ apiKey: set.AMPLITUDE_API_KEY }))
 */
export function whenSet<const Variable extends string, Made extends Destination>(
  env: Environment,
  destination: Made['name'],
  variables: readonly Variable[],
  make: (set: Readonly<Record<Variable, string>>) => Made,
): Made | MissingDestination {
  const entries = variables.map((name) => [name, env[name]?.trim() ?? ''] as const);
  const missing = entries.filter(([, value]) => value === '').map(([name]) => name);
  if (missing.length > 0) return { destination, missing, begun: missing.length < variables.length };
  return make(Object.fromEntries(entries) as Record<Variable, string>);
}

/** The destinations that can be registered; the log tells of the others. */
export function registered(
  destinations: readonly (Destination | MissingDestination)[],
  logger: Logger,
): readonly Destination[] {
  return destinations.flatMap((item) => {
    if (!('missing' in item)) return [item];
    const { destination, missing, begun } = item;
    logger[begun ? 'warn' : 'info'](
      { destination, missing },
      'a destination is not registered: its variables are not set',
    );
    return [];
  });
}

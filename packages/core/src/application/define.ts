import type { Destination } from '../contracts/destination.js';
import type { Actions } from '../contracts/events.js';
import type { Flow, Source } from '../contracts/source.js';

// Each does nothing but find out names: those that a configuration is checked against.

/** A flow whose type says what it may plan, so that a destination or an action that is not there is a type error. */
export const defineFlow = <const Plan extends Actions>(flow: Flow<Plan>): Flow<Plan> => flow;

/** A source whose type says its name and what its triggers may plan. */
export const defineSource = <const Name extends string, Plan extends Actions>(
  source: Source<Name, Plan>,
): Source<Name, Plan> => source;

/** A destination whose type says its name and those of its actions. */
export const defineDestination = <const Name extends string, ActionName extends string>(
  destination: Destination<Name, ActionName>,
): Destination<Name, ActionName> => destination;

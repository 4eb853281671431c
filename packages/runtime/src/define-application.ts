import type { Actions, Destination, Source } from '@fragment/core';
import type { SecretReader } from './definition.js';
import type { Environment } from './environment.js';
import type { FragmentOptions } from './options.js';
import type { MissingDestination } from './when-set.js';

/**
 * Types the default export of a configuration file, and does nothing else. What a flow plans is held against the
 * destinations there are: one that is not there, or an action it does not have, is a type error that names it. Only
 * names that types carry can be compared: those of `defineFlow`, `defineSource`, `defineDestination` and of every
 * factory of Fragment's.
 */
export function defineApplication<
  const Sources extends readonly Source[] = readonly [],
  const Destinations extends DestinationList = readonly [],
>(definition: NamedDefinition<Sources, Destinations>): NamedDefinition<Sources, Destinations> {
  return definition;
}

type DestinationList = readonly (Destination | MissingDestination)[];

/** Options, or a function that returns them, with the names in them. */
export type NamedDefinition<Sources extends readonly Source[], Destinations extends DestinationList> =
  | NamedOptions<Sources, Destinations>
  | ((
      env: Environment,
      secret: SecretReader,
    ) => NamedOptions<Sources, Destinations> | Promise<NamedOptions<Sources, Destinations>>);

export interface NamedOptions<
  Sources extends readonly Source[],
  Destinations extends DestinationList,
> extends FragmentOptions {
  readonly sources?: Sources & Sound<Problem<PlanIn<Sources[number]>, DestinationIn<Destinations>>>;
  readonly destinations?: Destinations;
}

/** Refuses nothing where there is no problem; else nothing fits, and the compiler shows the sentence. */
type Sound<P> = [P] extends [never] ? unknown : P;

/** `log` takes the place of none. */
type DestinationIn<List extends DestinationList> = List extends readonly []
  ? Destination<'log'>
  : List[number];

type PlanIn<S> = S extends Source<string, infer Plan> ? Plan : never;

/** A sentence for each name in a plan that is not there. A name that the types do not know is not compared. */
type Problem<Plan, D> = Plan extends Actions
  ? { [Name in keyof Plan & string]: Fault<Name, NonNullable<Plan[Name]>, D> }[keyof Plan & string]
  : never;

type Fault<Name extends string, Calls, D> = string extends Name | NameOf<D>
  ? never
  : Name extends NameOf<D>
    ? ActionFault<Name, ActionIn<Calls>, ActionNameOf<Extract<D, { readonly name: Name }>>>
    : `A flow plans for ${Name}, which is not among the destinations`;

type ActionFault<Name extends string, Planned extends string, Known extends string> = string extends
  Planned | Known
  ? never
  : { [Action in Exclude<Planned, Known>]: `A flow plans ${Action}, which is no action of ${Name}` }[Exclude<
      Planned,
      Known
    >];

type NameOf<D> = D extends Destination<infer Name> ? Name : never;
type ActionNameOf<D> = D extends Destination<string, infer Name> ? Name : never;
type ActionIn<Calls> = Calls extends readonly { readonly action: infer Action extends string }[]
  ? Action
  : never;

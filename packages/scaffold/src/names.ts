import type { Kind } from './request.js';

const NAME = /^[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*$/;
const LONGEST = 60;

/** Why something cannot be called this; undefined when it can. */
export function nameProblem(name: string): string | undefined {
  if (!NAME.test(name) || name.length > LONGEST) {
    return `must be lower-case letters and digits, in parts joined by - or _, such as order-completed: at most ${LONGEST} characters, a letter first`;
  }
  if (name === 'index') return 'must not be index: that is the file of its parent';
  return undefined;
}

/** The forms a name takes in the generated files. */
export interface Names {
  /** As it was given. */
  readonly name: string;
  /** What its module exports: `orderCompleted`. */
  readonly id: string;
  /** `OrderCompleted` */
  readonly type: string;
  /** `Order Completed` */
  readonly title: string;
  /** `ORDER_COMPLETED` */
  readonly constant: string;
}

/** @param kind follows the exported name where that alone means something else: `deleteAction`. */
export function namesOf(name: string, kind: Kind): Names {
  const parts = name.split(/[_-]/);
  const capitals = parts.map(capitalised);
  const camel = [parts[0], ...capitals.slice(1)].join('');
  return {
    name,
    // The first action of a destination is in the same file.
    id:
      TAKEN.has(camel) || (kind === 'destination' && camel === 'track')
        ? `${camel}${capitalised(kind)}`
        : camel,
    type: capitals.join(''),
    title: capitals.join(' '),
    constant: parts.join('_').toUpperCase(),
  };
}

export const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** Words of the language, globals, and what the generated modules call something else. */
const TAKEN: ReadonlySet<string> = new Set(
  `abstract any arguments as assert async await boolean break case catch class const continue debugger declare default
  delete do else enum eval export extends false finally for from function get if implements import in instanceof
  interface let new null number object of package private process protected public return set static string super
  switch symbol this throw true try type typeof undefined unknown var void while with yield
  action action answer application body classify client close console createHttpClient data deliver describe destination
  discarded endpoint env error event extract fetch flow follow init it items job jobs load loadToolkit materialise
  messageOf migration name open options properties read readOptions reply request resultFor resultOf runCase scheduledAt
  segmentflow shutdown signal source startFake startFakeVendor storedEvent suite testDestination text transform trigger
  underTest validations values verdict
  able apiKey changes delivered destinations event happened isObject isText jsonOf parsed plan planFor problemsOf requestWith
  defineDestination defineFlow defineSource eventOf cases fake job resolveDefinition result tick`.split(
    /\s+/,
  ),
);

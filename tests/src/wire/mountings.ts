import { openWorld, type World, type WorldOptions } from '../acceptance/world.js';
import { expressHost } from './express-host.js';

/** A place where the gateway can stand. The suites of the wire run in each of them. */
export interface Mounting {
  readonly place: string;
  /** Whether a host has parsed the bodies before the gateway sees them. */
  readonly parses: boolean;
  readonly open: (o: WorldOptions) => Promise<World>;
}

export const mountings: readonly Mounting[] = [
  { place: 'listening by itself', parses: false, open: openWorld },
  {
    place: 'below a prefix of an Express application that parses bodies',
    parses: true,
    open: (o) => openWorld({ ...o, host: expressHost }),
  },
];

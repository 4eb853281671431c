import { openWorld, type World, type WorldOptions } from '../acceptance/world.js';
import { expressHost } from './express-host.js';

/** A place where the gateway can stand. The suites of the wire run in each of them. */
export interface Mounting {
  readonly place: string;
  readonly open: (o: WorldOptions) => Promise<World>;
}

export const mountings: readonly Mounting[] = [
  { place: 'listening by itself', open: openWorld },
  {
    place: 'below a prefix of an Express application that parses bodies',
    open: (o) => openWorld({ ...o, host: expressHost }),
  },
];

import type { Application } from '../contracts/application.js';
import type { Destination } from '../contracts/destination.js';
import { FragmentError } from '../errors/fragment-error.js';

/** @throws {FragmentError} FRAGMENT_ADMIN_DESTINATION_UNKNOWN */
export function destinationOf(app: Application, name: string): Destination {
  const destination = app.destinations.find((d) => d.name === name);
  if (destination) return destination;
  throw new FragmentError('FRAGMENT_ADMIN_DESTINATION_UNKNOWN', { detail: `There is no '${name}'.` });
}

import { hostname } from 'node:os';
import { newId } from './toolkit.js';

/** What the services of an application are known by, from its start to its end. */
export interface Identity {
  /** Id of its gateway. */
  readonly gateway: string;
  /** Id of its scheduler. */
  readonly scheduler: string;
  readonly host: string;
  readonly pid: number;
}

export const newIdentity = (): Identity => ({
  gateway: newId(),
  scheduler: newId(),
  host: hostname(),
  pid: process.pid,
});

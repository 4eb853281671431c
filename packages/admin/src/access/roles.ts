import type { IncomingMessage } from 'node:http';

/** What somebody may do: look; also retry, discard, replay, pause; also erase, purge and read the audit. */
export const ROLES = ['read', 'operate', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks, as far as it is known. */
export interface Identity {
  /** The name of a token, or of a user of the host's; `local` where nobody is asked. */
  readonly actor: string;
  readonly role: Role;
}

/** A secret that stands for somebody. */
export interface AdminToken {
  /** Told in the audit. */
  readonly name: string;
  readonly role: Role;
  /** At least 16 characters. */
  readonly token: string;
}

/** The host's own login: who sent this request? undefined for nobody. */
export type HostLogin = (req: IncomingMessage) => Identity | undefined | Promise<Identity | undefined>;

export const mayAct = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

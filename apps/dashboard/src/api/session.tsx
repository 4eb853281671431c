import { createContext, use } from 'react';
import type { Role, Session } from './types.js';

const RANK: Readonly<Record<Role, number>> = { read: 0, operate: 1, admin: 2 };

export const SessionContext = createContext<Session | undefined>(undefined);

/** Who is logged in. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new TypeError('useSession is for what is shown below the session.');
  return session;
}

/** Why the one who is logged in may not do what needs this role; undefined: they may. */
export function useForbidden(needs: Role | undefined): string | undefined {
  const { role } = useSession();
  if (needs === undefined || (role !== null && RANK[role] >= RANK[needs])) return undefined;
  return `Needs the role ${needs}; yours is ${role ?? 'none'}.`;
}

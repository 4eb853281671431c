import { useQueryClient } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import { setCsrf, setOnUnauthorized } from './api/client.js';
import { useSessionQuery } from './api/queries.js';
import { SessionContext } from './api/session.js';
import type { Session } from './api/types.js';
import { Loading } from './components/notes.js';
import { HostLoginPage, LoginPage, UnreachablePage } from './pages/login/login-page.js';

/** Shows the page to those who are known, and the way in to all others. */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const { data: session, error, refetch } = useSessionQuery();
  useUnauthorized();
  if (!session) return error ? <UnreachablePage error={error} retry={() => void refetch()} /> : <Loading />;
  if (!session.authenticated) return session.login === 'host' ? <HostLoginPage /> : <LoginPage />;
  return <Admitted session={session}>{children}</Admitted>;
}

interface AdmittedProps {
  readonly session: Session;
  readonly children: ReactNode;
}

function Admitted({ session, children }: AdmittedProps) {
  // Before any page below can write.
  setCsrf(session.csrf);
  return <SessionContext value={session}>{children}</SessionContext>;
}

/** An answer of 401 in the middle of the work: who asks is no longer known, so the session is read again. */
function useUnauthorized(): void {
  const client = useQueryClient();
  useEffect(() => {
    setOnUnauthorized(() => void client.invalidateQueries({ queryKey: ['session'] }));
    return () => setOnUnauthorized(() => undefined);
  }, [client]);
}

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { ApiError, request } from '../../api/client.js';
import { ErrorNote } from '../../components/notes.js';

interface GateProps {
  readonly title: string;
  readonly children: ReactNode;
}

function Gate({ title, children }: GateProps) {
  useEffect(() => {
    document.title = `${title} · Fragment`;
  }, [title]);
  return (
    <main className="gate">
      <div className="gate-box">
        <p className="brand">Fragment</p>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}

/** Asks for a token of the admin API and exchanges it for a session. */
export function LoginPage() {
  const client = useQueryClient();
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const logIn = async (): Promise<void> => {
    setBusy(true);
    try {
      await request('session', { method: 'POST', body: { token } });
      await client.invalidateQueries();
    } catch (failure) {
      setError(explained(failure as Error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Gate title="Log in">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void logIn();
        }}
      >
        <label className="field">
          <span>Token of the admin API</span>
          <input
            type="password"
            autoFocus
            autoComplete="current-password"
            value={token}
            onChange={({ target }) => setToken(target.value)}
          />
        </label>
        {error && <ErrorNote error={error} />}
        <button type="submit" className="button button-primary" disabled={busy || token === ''}>
          Log in
        </button>
      </form>
      <p className="muted">
        It is the value of <code>FRAGMENT_ADMIN_TOKEN</code> on the server, or a token with a role from the
        options of the admin.
      </p>
    </Gate>
  );
}

const explained = (error: Error): Error =>
  error instanceof ApiError && error.statusCode === 401
    ? new ApiError(-1, error.code, 'This token is not known here.')
    : error;

/** The application around the dashboard decides who may see it, and does not know this visitor. */
export function HostLoginPage() {
  return (
    <Gate title="Not logged in">
      <p>
        This dashboard is part of another application and uses its login. Log in there, with an account that
        may operate Fragment, then reload this page.
      </p>
      <button type="button" className="button button-primary" onClick={() => window.location.reload()}>
        Reload
      </button>
    </Gate>
  );
}

interface UnreachablePageProps {
  readonly error: Error;
  readonly retry: () => void;
}

export function UnreachablePage({ error, retry }: UnreachablePageProps) {
  return (
    <Gate title="No answer">
      <ErrorNote error={error} retry={retry} />
    </Gate>
  );
}

import { Suspense } from 'react';
import { Route, Router, Switch, useLocation } from 'wouter';
import { SessionGate } from './session-gate.js';
import { basePath } from './base-path.js';
import { ErrorBoundary } from './components/error-boundary.js';
import { Loading } from './components/notes.js';
import { Shell } from './components/shell.js';
import { ToastProvider } from './components/toasts.js';
import { pages } from './pages/index.js';
import { NotFoundPage } from './pages/not-found/not-found-page.js';

export function App() {
  return (
    <Router base={basePath}>
      <SessionGate>
        <ToastProvider>
          <Shell>
            <CurrentPage />
          </Shell>
        </ToastProvider>
      </SessionGate>
    </Router>
  );
}

function CurrentPage() {
  const [location] = useLocation();
  return (
    // Keyed by the address: another page is another chance.
    <ErrorBoundary key={location}>
      <Suspense fallback={<Loading />}>
        <Switch>
          {pages.map(({ path, view: View }) => (
            <Route key={path} path={path}>
              {(params) => <View params={params} />}
            </Route>
          ))}
          <Route>
            <NotFoundPage />
          </Route>
        </Switch>
      </Suspense>
    </ErrorBoundary>
  );
}

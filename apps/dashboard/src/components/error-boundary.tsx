import { Component, type ReactNode } from 'react';
import { Button } from './button.js';
import { EmptyState } from './notes.js';

interface State {
  readonly error?: Error;
}

/** A page that breaks does not take the navigation with it. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = {};

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <EmptyState
        title="This page cannot be shown"
        actions={<Button onClick={() => window.location.reload()}>Reload</Button>}
      >
        <p>
          After an update of the server the page has to be loaded anew. If that does not help, report this
          message:
        </p>
        <p>
          <code>{error.message}</code>
        </p>
      </EmptyState>
    );
  }
}

import type { ReactNode } from 'react';
import { ApiError } from '../api/client.js';
import { Button } from './button.js';
import { CopyButton } from './copy-button.js';

interface EmptyStateProps {
  readonly title: string;
  readonly children?: ReactNode;
  /** A command that would fill it, to be copied. */
  readonly command?: string;
  readonly actions?: ReactNode;
}

/** What is shown where there is nothing: why, and what to do about it. */
export function EmptyState({ title, children, command, actions }: EmptyStateProps) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children && <div className="empty-text">{children}</div>}
      {command && <Command text={command} />}
      {actions && <div className="empty-actions">{actions}</div>}
    </div>
  );
}

/** A command of the shell with a button that copies it. */
export function Command({ text }: { readonly text: string }) {
  return (
    <div className="command">
      <pre tabIndex={0}>{text}</pre>
      <CopyButton text={text} label="Copy" />
    </div>
  );
}

/** What to do when the server refuses or cannot be reached. */
const ADVICE: Readonly<Record<number, string>> = {
  0: 'Is the scheduler running, and can it be reached from here? The page asks again by itself.',
  401: 'The session has ended. Reload the page to log in again.',
  403: 'Your role does not allow this. Ask whoever gave you the token.',
  404: 'It may have been deleted by retention or erasure.',
  429: 'Too many at once. Wait a moment and try again.',
  503: 'The store cannot be reached. See Health for the reason.',
};

interface ErrorNoteProps {
  readonly error: Error;
  readonly retry?: () => void;
}

/** What went wrong, what to do, and the code to search for. */
export function ErrorNote({ error, retry }: ErrorNoteProps) {
  const { statusCode = -1, code, validations = [] } = error instanceof ApiError ? error : {};
  return (
    <div className="error-note" role="alert">
      <p>
        <strong>{error.message}</strong>
        {ADVICE[statusCode] && <> {ADVICE[statusCode]}</>}
      </p>
      {validations.length > 0 && (
        <ul>
          {validations.map(({ message, path }) => (
            <li key={`${path.join('.')} ${message}`}>{message}</li>
          ))}
        </ul>
      )}
      <p className="error-foot">
        {code && <code>{code}</code>}
        {retry && (
          <Button size="small" onClick={retry}>
            Try again
          </Button>
        )}
      </p>
    </div>
  );
}

/** A note beside the rest: `warn` for what somebody should look at. */
export function Note({
  tone,
  children,
}: {
  readonly tone: 'info' | 'warn' | 'bad';
  readonly children: ReactNode;
}) {
  return <div className={`note note-${tone}`}>{children}</div>;
}

/** Beside what the application hides something of. */
export const RedactedBadge = () => (
  <span
    className="badge badge-info"
    title="The application hides parts of it. They are in the store, and are delivered."
  >
    redacted
  </span>
);

/** Above what the application hides something of. */
export const RedactedNote = () => (
  <Note tone="info">
    The application hides parts of what was sent from everybody who looks at it here: what is shown, copied
    and downloaded is without them. They are in the store, and are delivered.
  </Note>
);

interface LoadedProps<T> {
  readonly query: {
    readonly data: T | undefined;
    readonly error: Error | null;
    readonly refetch: () => unknown;
  };
  readonly children: (data: T) => ReactNode;
}

/** What was read; until then a quiet sign of waiting, and the error where it fails. Old data stays under an error. */
export function Loaded<T>({ query: { data, error, refetch }, children }: LoadedProps<T>) {
  return (
    <>
      {error && <ErrorNote error={error} retry={() => void refetch()} />}
      {data === undefined ? !error && <Loading /> : children(data)}
    </>
  );
}

export function Loading() {
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">Loading</span>
    </div>
  );
}

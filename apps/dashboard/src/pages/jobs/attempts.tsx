import { EmptyState } from '../../components/notes.js';
import { CopyButton } from '../../components/copy-button.js';
import { Excerpt } from '../../components/json-panel.js';
import { StatusBadge } from '../../components/status-badge.js';
import { Duration, Instant } from '../../components/values.js';
import type { Attempt } from '../../components/timeline.js';

/** Every try with what was sent and what came back. The latest is open. */
export function Attempts({ attempts }: { readonly attempts: readonly Attempt[] }) {
  if (attempts.length === 0)
    return <EmptyState title="No attempt yet">It is taken when its lane is open and it is due.</EmptyState>;
  return (
    <ol className="attempts">
      {[...attempts].reverse().map((attempt, at) => (
        <li key={`${attempt.attempt} ${attempt.startedAt}`}>
          <div className="attempt-head">
            <span className="attempt-number">{attempt.attempt}</span>
            <StatusBadge status={attempt.state} />
            {attempt.error?.statusCode !== null && attempt.error !== null && (
              <code>HTTP {attempt.error.statusCode}</code>
            )}
            <span>
              <Instant at={attempt.startedAt} as="absolute" />
            </span>
            <span className="muted">
              waited <Duration ms={attempt.waitedMs} />
            </span>
            <span className="muted">
              took <Duration ms={attempt.durationMs} />
            </span>
          </div>
          {attempt.error && <AttemptError attempt={attempt} open={at === 0} />}
          {attempt.state === 'succeeded' && (
            <p className="attempt-body muted">
              What was sent and answered is only kept of attempts that did not succeed.
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}

interface AttemptErrorProps {
  readonly attempt: Attempt;
  readonly open: boolean;
}

function AttemptError({ attempt: { error }, open }: AttemptErrorProps) {
  if (!error) return null;
  return (
    <div className="attempt-body">
      <p>
        {error.message} <code className="muted">{error.code}</code>
      </p>
      {(error.request !== null || error.response !== null) && (
        <details open={open}>
          <summary>Request and response</summary>
          <div className="wire">
            <WireSide title="Request sent" text={error.request} />
            <WireSide title="Response received" text={error.response} />
          </div>
        </details>
      )}
    </div>
  );
}

function WireSide({ title, text }: { readonly title: string; readonly text: string | null }) {
  return (
    <section className="wire-side">
      <header>
        <h3>{title}</h3>
        {text !== null && <CopyButton text={text} />}
      </header>
      {text === null ? <p className="muted">Nothing was kept.</p> : <Excerpt text={text} />}
    </section>
  );
}

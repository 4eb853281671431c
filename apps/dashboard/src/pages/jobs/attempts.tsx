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
          <AttemptHead attempt={attempt} />
          {attempt.endedAt !== null && <AttemptBody attempt={attempt} open={at === 0} />}
        </li>
      ))}
    </ol>
  );
}

function AttemptHead({ attempt }: { readonly attempt: Attempt }) {
  const status = attempt.exchange?.status ?? null;
  return (
    <div className="attempt-head">
      <span className="attempt-number">{attempt.attempt}</span>
      <StatusBadge status={attempt.state} />
      {status !== null && <code>HTTP {status}</code>}
      <span>
        <Instant at={attempt.startedAt} as="absolute" />
      </span>
      <span className="muted">
        waited <Duration ms={attempt.waitedMs} />
      </span>
      <span className="muted">
        took <Duration ms={attempt.durationMs} />
      </span>
      {attempt.nextAt !== null && (
        <span className="muted">
          next try <Instant at={attempt.nextAt} as="absolute" />
        </span>
      )}
    </div>
  );
}

interface AttemptBodyProps {
  readonly attempt: Attempt;
  readonly open: boolean;
}

function AttemptBody({ attempt: { state, error, exchange }, open }: AttemptBodyProps) {
  return (
    <div className="attempt-body">
      {error && (
        <p>
          {error.message} <code className="muted">{error.code}</code>
        </p>
      )}
      {exchange && (exchange.request !== null || exchange.response !== null) && (
        <details open={open}>
          <summary>Request and response</summary>
          <div className="wire">
            <WireSide title="Request sent" text={exchange.request} />
            <WireSide title="Response received" text={exchange.response} />
          </div>
        </details>
      )}
      {!exchange && state === 'succeeded' && <NotKept />}
    </div>
  );
}

/** A success of which there is nothing to see. */
const NotKept = () => (
  <p className="muted">
    What was sent and answered was not kept. Of deliveries that succeed, a lane keeps as many a second as{' '}
    <code>execution.keptExchangesPerSecond</code> says, and only of requests that its destination tells of.
  </p>
);

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

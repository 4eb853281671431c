import { useState } from 'react';
import { Link } from 'wouter';
import { post } from '../../api/client.js';
import { useEvent, useWrite } from '../../api/queries.js';
import type { DestinationDetail, Job, TestEventAnswer } from '../../api/types.js';
import { Button } from '../../components/button.js';
import { ErrorNote, Note } from '../../components/notes.js';
import { Panel } from '../../components/page.js';
import { StatusBadge } from '../../components/status-badge.js';
import { Duration, Instant, spanMs } from '../../components/values.js';
import { readMessage, sampleMessage, SAMPLE_TYPES } from '../../messages/sample-messages.js';

const FOLLOW_MS = 1_000;
const pretty = (type: string): string => JSON.stringify(sampleMessage(type), null, 2);

/** Sends a message for this destination alone, and shows what becomes of it. */
export function TestEventPanel({ destination }: { readonly destination: DestinationDetail }) {
  const types = destination.actions.map(({ name }) => name).filter((name) => SAMPLE_TYPES.includes(name));
  const [type, setType] = useState(types[0] ?? 'track');
  const [text, setText] = useState(() => pretty(type));
  const read = readMessage(text);
  const send = useWrite((message: object) =>
    post<TestEventAnswer>('test-events', { message, destination: destination.name }),
  );
  return (
    <Panel title="Send a test event">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if ('message' in read) send.mutate(read.message);
        }}
      >
        <p className="muted">
          The message is taken in and stored as if it had been sent, and goes to {destination.name} alone. The
          vendor gets it for real.
        </p>
        <StartFrom
          types={types.length > 0 ? types : SAMPLE_TYPES}
          type={type}
          onChange={(next) => {
            setType(next);
            setText(pretty(next));
          }}
        />
        <label className="field">
          <span>Message</span>
          <textarea
            rows={10}
            value={text}
            spellCheck={false}
            onChange={({ target }) => setText(target.value)}
          />
        </label>
        {'problem' in read && <Note tone="warn">{read.problem}</Note>}
        {destination.lane.state !== 'open' && (
          <Note tone="info">The lane is {destination.lane.state}: the job waits until it is open again.</Note>
        )}
        {send.error && <ErrorNote error={send.error} />}
        <div>
          <Button
            type="submit"
            look="primary"
            needs="operate"
            busy={send.isPending}
            disabled={'problem' in read}
          >
            Send
          </Button>
        </div>
      </form>
      {send.data && <Outcome key={send.data.event_id} answer={send.data} destination={destination.name} />}
    </Panel>
  );
}

interface StartFromProps {
  readonly types: readonly string[];
  readonly type: string;
  readonly onChange: (type: string) => void;
}

const StartFrom = ({ types, type, onChange }: StartFromProps) => (
  <label className="field test-type">
    <span>Start from</span>
    <select value={type} onChange={({ target }) => onChange(target.value)}>
      {types.map((each) => (
        <option key={each}>{each}</option>
      ))}
    </select>
  </label>
);

interface OutcomeProps {
  readonly answer: TestEventAnswer;
  readonly destination: string;
}

/** What became of it, followed until every job has ended. */
function Outcome({ answer, destination }: OutcomeProps) {
  const [over, setOver] = useState(false);
  const { data, error } = useEvent(answer.event_id, over ? false : FOLLOW_MS);
  const jobs = data?.jobs ?? [];
  const ended = jobs.length > 0 && jobs.every(({ finished_at: at }) => at !== null);
  if (ended && !over) setOver(true);
  return (
    <div className="test-outcome stack" aria-live="polite">
      <p>
        <StatusBadge status={answer.outcome} /> as{' '}
        <Link href={`/events/${encodeURIComponent(answer.event_id)}`}>this event</Link>
      </p>
      {error && <ErrorNote error={error} />}
      {answer.outcome === 'duplicate' && (
        <Note tone="info">A message with this messageId is there already: it was not taken in again.</Note>
      )}
      {answer.outcome === 'stored' && answer.jobs.length === 0 && (
        <Note tone="warn">
          {data?.plan_error ?? `No job came of it: no flow of its trigger made one for ${destination}.`}
        </Note>
      )}
      {jobs.map((job) => (
        <FollowedJob key={job.id} job={job} />
      ))}
    </div>
  );
}

function FollowedJob({ job }: { readonly job: Job }) {
  const { id, action, status, attempt, error, created_at: from, finished_at: to, due_at: due } = job;
  return (
    <div className="test-job">
      <p className="row">
        <StatusBadge status={status} />
        <Link href={`/jobs/${encodeURIComponent(id)}`}>
          <code>{action}</code>
        </Link>
        {to !== null && (
          <span className="muted">
            <Duration ms={spanMs(from, to)} /> after it was received
          </span>
        )}
        {status === 'failed' && (
          <span className="muted">
            attempt {attempt}, next <Instant at={due} />
          </span>
        )}
      </p>
      {error && (
        <p>
          <code>{error.code}</code> {error.message}
        </p>
      )}
    </div>
  );
}

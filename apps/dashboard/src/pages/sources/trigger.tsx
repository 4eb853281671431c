import { Link } from 'wouter';
import { useListed } from '../../api/queries.js';
import type { EventSummary, Run, TriggerDetail } from '../../api/types.js';
import { Command } from '../../components/notes.js';
import { StatusBadge } from '../../components/status-badge.js';
import { Instant } from '../../components/values.js';
import { filteredHref } from '../../filters/filters.js';
import { useGatewayAddress } from '../../messages/gateway-address.js';
import { routeCommand } from '../../messages/route-command.js';
import { RunNow } from './run-now.js';
import { RunBadge, Runs } from './runs.js';

const REFRESH_MS = 10_000;

interface TriggerProps {
  readonly source: string;
  readonly trigger: TriggerDetail;
  readonly withKey: boolean;
  /** Its source has the page for itself: there is room for its runs. */
  readonly alone: boolean;
}

/** One way in which data arrives, and when it last did. */
export function Trigger({ source, trigger, withKey, alone }: TriggerProps) {
  const { name, mode, flows, last_run: lastRun } = trigger;
  return (
    <li className="trigger">
      <div className="trigger-head">
        <strong>{name}</strong>
        <StatusBadge status={mode.mode} tone="info" />
        <Arrives mode={mode} />
        {mode.mode === 'cron' ? <LastRun run={lastRun} /> : <LastEvent source={source} trigger={name} />}
      </div>
      <div className="trigger-foot">
        <Flows flows={flows} />
        {mode.mode === 'http' && <Try mode={mode.http} trigger={name} withKey={withKey} />}
        {mode.mode === 'cron' && (
          <>
            <RunNow source={source} trigger={name} running={lastRun?.state === 'running'} />
            <Runs source={source} trigger={name} opened={alone} />
          </>
        )}
      </div>
    </li>
  );
}

function Arrives({ mode }: { readonly mode: TriggerDetail['mode'] }) {
  switch (mode.mode) {
    case 'http':
      return (
        <span className="trigger-paths">
          {mode.http.methods.join(', ')}{' '}
          {mode.http.paths.map((each) => (
            <code key={each}>{each}</code>
          ))}
        </span>
      );
    case 'cron':
      return (
        <span>
          <code>{mode.cron.interval}</code>{' '}
          {mode.cron.next_run_at !== null && (
            <span className="muted">
              next <Instant at={mode.cron.next_run_at} />
            </span>
          )}
        </span>
      );
    case 'sub':
      return (
        <span>
          <code>{mode.sub.topic}</code>
          {mode.sub.subscription !== '' && <> as {mode.sub.subscription}</>}
        </span>
      );
    case 'cdc':
      return <span className="muted">follows changes</span>;
  }
}

/** How a schedule ended when it last ran. */
function LastRun({ run }: { readonly run: Run | null }) {
  return (
    <span className="trigger-last muted">
      {run ? (
        <>
          last run <Instant at={run.started_at} /> <RunBadge state={run.state} />
        </>
      ) : (
        'has not run yet'
      )}
    </span>
  );
}

/** When it last brought something. */
function LastEvent({ source, trigger }: { readonly source: string; readonly trigger: string }) {
  const where = { 'events.sources_in': [source], 'events.triggers_in': [trigger] };
  const { data } = useListed<EventSummary>('store/events', {
    query: { ...where, limit: 1 },
    refreshMs: REFRESH_MS,
  });
  const [event] = data?.data ?? [];
  if (!data) return null;
  return (
    <span className="trigger-last muted">
      {event ? (
        <>
          last event{' '}
          <Link href={filteredHref('/events', where)}>
            <Instant at={event.received_at} />
          </Link>
        </>
      ) : (
        'no event yet'
      )}
    </span>
  );
}

function Flows({ flows }: Pick<TriggerDetail, 'flows'>) {
  if (flows.length === 0) return null;
  return (
    <p className="trigger-flows muted">
      Flows:{' '}
      {flows.map(({ name, enabled }) => (
        <span
          key={name}
          className={enabled ? undefined : 'flow-off'}
          title={enabled ? undefined : 'Switched off'}
        >
          <code>{name}</code>
          {!enabled && ' (off)'}
        </span>
      ))}
    </p>
  );
}

interface TryProps {
  readonly mode: { readonly methods: readonly string[]; readonly path: string };
  readonly trigger: string;
  readonly withKey: boolean;
}

function Try({ mode, trigger, withKey }: TryProps) {
  const gateway = useGatewayAddress();
  return (
    <details>
      <summary>Try it</summary>
      <Command text={routeCommand({ gateway, methods: mode.methods, path: mode.path, trigger, withKey })} />
    </details>
  );
}

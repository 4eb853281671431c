import { Link, useParams } from 'wouter';
import { path } from '../../api/client.js';
import { useListed, useRead } from '../../api/queries.js';
import type { EventSummary, SourceDetail, SourceSummary, TriggerDetail } from '../../api/types.js';
import { PublicOptions } from '../../catalogue/public-options.js';
import { VersionList } from '../../catalogue/version-list.js';
import { Command, EmptyState, Loaded } from '../../components/notes.js';
import { Page, Panel } from '../../components/page.js';
import { StatusBadge } from '../../components/status-badge.js';
import { Instant } from '../../components/values.js';
import { filteredHref } from '../../filters/filters.js';
import { setGatewayAddress, useGatewayAddress } from '../../messages/gateway-address.js';
import { routeCommand } from '../../messages/route-command.js';
import './sources.css';

const REFRESH_MS = 10_000;

/** Where data comes from. */
export function SourcesPage() {
  const query = useListed<SourceSummary>('sources');
  return (
    <Page title="Sources" description="Where data comes from, and the ways it arrives.">
      <Loaded query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <EmptyState title="The application has no source">
              Add one to <code>sources</code> in its configuration, for instance <code>rest()</code>, which
              takes what the SDKs of Segment send.
            </EmptyState>
          ) : (
            <>
              <GatewayAddress />
              {data.map(({ name }) => (
                <Source key={name} name={name} />
              ))}
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

/** One source. */
export function SourcePage() {
  const { name } = useParams<{ name: string }>();
  return (
    <Page title={name} windowTitle={`Source ${name}`} description={<Link href="/sources">All sources</Link>}>
      <GatewayAddress />
      <Source name={name} />
    </Page>
  );
}

function GatewayAddress() {
  const address = useGatewayAddress();
  return (
    <details className="gateway-address">
      <summary>
        Commands send to <code>{address}</code>
      </summary>
      <label className="field">
        <span>Address of the gateway, as senders reach it</span>
        <input
          type="url"
          value={address}
          spellCheck={false}
          onChange={({ target }) => setGatewayAddress(target.value)}
          placeholder="https://cdp.example.com"
        />
      </label>
    </details>
  );
}

function Source({ name }: { readonly name: string }) {
  const query = useRead<SourceDetail>(path`sources/${name}`, { refreshMs: REFRESH_MS });
  return (
    <Loaded query={query}>
      {({ options, triggers }) => (
        <Panel
          title={<Link href={`/sources/${encodeURIComponent(name)}`}>{name}</Link>}
          actions={<Link href={filteredHref('/events', { 'events.sources_in': [name] })}>Its events</Link>}
        >
          <div className="stack">
            {options.versions !== null && (
              <div className="row">
                <span className="muted">Versions</span>
                <VersionList versions={options.versions} preferred={options.default_version} />
              </div>
            )}
            <ul className="triggers">
              {triggers.map((trigger) => (
                <Trigger key={trigger.name} source={name} trigger={trigger} withKey={wantsKey(options)} />
              ))}
            </ul>
            <details>
              <summary>Options</summary>
              <PublicOptions options={options} without={['versions', 'default_version']} />
            </details>
          </div>
        </Panel>
      )}
    </Loaded>
  );
}

/** A source that lists its write keys wants one of them. */
const wantsKey = ({ writeKeys }: SourceSummary['options']): boolean => Array.isArray(writeKeys);

interface TriggerProps {
  readonly source: string;
  readonly trigger: TriggerDetail;
  readonly withKey: boolean;
}

function Trigger({ source, trigger, withKey }: TriggerProps) {
  const { name, mode, flows } = trigger;
  return (
    <li className="trigger">
      <div className="trigger-head">
        <strong>{name}</strong>
        <StatusBadge status={mode.mode} tone="info" />
        <Arrives mode={mode} />
        <LastEvent source={source} trigger={name} />
      </div>
      <div className="trigger-foot">
        <Flows flows={flows} />
        {mode.mode === 'http' && <Try mode={mode.http} trigger={name} withKey={withKey} />}
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

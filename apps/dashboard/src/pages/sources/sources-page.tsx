import { Link, useParams } from 'wouter';
import { path } from '../../api/client.js';
import { useListed, useRead } from '../../api/queries.js';
import type { SourceDetail, SourceSummary } from '../../api/types.js';
import { PublicOptions } from '../../catalogue/public-options.js';
import { VersionList } from '../../catalogue/version-list.js';
import { EmptyState, Loaded } from '../../components/notes.js';
import { Page, Panel } from '../../components/page.js';
import { filteredHref } from '../../filters/filters.js';
import { setGatewayAddress, useGatewayAddress } from '../../messages/gateway-address.js';
import { Trigger } from './trigger.js';
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
      <Source name={name} alone />
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

function Source({ name, alone = false }: { readonly name: string; readonly alone?: boolean }) {
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
                <Trigger
                  key={trigger.name}
                  source={name}
                  trigger={trigger}
                  withKey={wantsKey(options)}
                  alone={alone}
                />
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

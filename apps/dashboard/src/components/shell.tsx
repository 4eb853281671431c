import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { request } from '../api/client.js';
import { useOverview } from '../api/queries.js';
import { useSession } from '../api/session.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { activeBindings, useKeys, type KeyBindings } from './keys.js';
import { isWithin, navigation, type NavigationItem } from './navigation.js';
import { setPreference, usePreferences, type Theme } from './preferences.js';
import { StatusBadge } from './status-badge.js';

/** What surrounds every page: navigation at the left, on phones behind a button at the top. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const [location, navigate] = useLocation();
  // Open at one address only: whoever goes elsewhere finds it closed.
  const [openAt, setOpenAt] = useState<string>();
  const open = openAt === location;
  const [help, setHelp] = useState(false);
  useKeys({
    ...jumps(navigate),
    '?': { label: 'Show the keys', run: () => setHelp(true) },
  });
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to content
      </a>
      <header className="top-bar">
        <Link href="/" className="brand">
          <Mark /> Fragment
        </Link>
        <button
          type="button"
          className="button button-quiet"
          aria-expanded={open}
          aria-controls="navigation"
          onClick={() => setOpenAt(open ? undefined : location)}
        >
          Menu
        </button>
      </header>
      <aside className={open ? 'side side-open' : 'side'} id="navigation">
        <Link href="/" className="brand">
          <Mark /> Fragment
        </Link>
        <Navigation location={location} />
        <SideFoot onHelp={() => setHelp(true)} />
      </aside>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      {help && <KeyHelp onClose={() => setHelp(false)} />}
    </div>
  );
}

const jumps = (navigate: (to: string) => void): KeyBindings =>
  Object.fromEntries(
    navigation
      .flat()
      .map(({ key, label, path }) => [`g ${key}`, { label: `Go to ${label}`, run: () => navigate(path) }]),
  );

function Navigation({ location }: { readonly location: string }) {
  const { role } = useSession();
  return (
    <nav aria-label="Pages of the dashboard">
      {navigation.map((group) => (
        <ul key={group[0]?.path}>
          {group
            .filter(({ needs }) => needs === undefined || role === needs)
            .map((item) => (
              <li key={item.path}>
                <Link href={item.path} aria-current={isWithin(item.path, location) ? 'page' : undefined}>
                  {item.label}
                  <Badge item={item} />
                </Link>
              </li>
            ))}
        </ul>
      ))}
    </nav>
  );
}

/** What wants to be looked at, beside the name of the page that shows it. */
function Badge({ item }: { readonly item: NavigationItem }) {
  const { data } = useOverview();
  if (!data) return null;
  if (item.path === '/health' && data.health.status !== 'ok')
    return <StatusBadge status={data.health.status} />;
  const closed = data.lanes.filter(({ state }) => state !== 'open').length;
  if (item.path === '/destinations' && closed > 0)
    return <span className="badge badge-warn">{closed} closed</span>;
  return null;
}

const THEMES: Readonly<Record<Theme, string>> = { system: 'Auto', light: 'Light', dark: 'Dark' };

function SideFoot({ onHelp }: { readonly onHelp: () => void }) {
  const session = useSession();
  const client = useQueryClient();
  const { theme, zone } = usePreferences();
  const logOut = async (): Promise<void> => {
    await request('session', { method: 'DELETE' });
    client.clear();
    await client.invalidateQueries();
    window.location.reload();
  };
  return (
    <footer className="side-foot">
      <div className="side-switches">
        <label>
          <span className="visually-hidden">Colours</span>
          <select value={theme} onChange={({ target }) => setPreference({ theme: target.value as Theme })}>
            {(Object.keys(THEMES) as readonly Theme[]).map((each) => (
              <option key={each} value={each}>
                {THEMES[each]}
              </option>
            ))}
          </select>
        </label>
        <Button
          size="small"
          look="quiet"
          onClick={() => setPreference({ zone: zone === 'utc' ? 'local' : 'utc' })}
        >
          {zone === 'utc' ? 'UTC' : 'Local time'}
        </Button>
        <Button size="small" look="quiet" onClick={onHelp} aria-label="Keys" title="Keys">
          ?
        </Button>
      </div>
      <div className="side-who">
        <span title={session.role ?? undefined}>
          {session.actor ?? 'nobody'} · {session.role ?? 'no role'}
        </span>
        {session.login === 'token' && (
          <Button size="small" look="quiet" onClick={logOut}>
            Log out
          </Button>
        )}
      </div>
    </footer>
  );
}

function KeyHelp({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        {activeBindings().map(([key, label]) => (
          <div key={key}>
            <dt>
              {key.split(' ').map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
      </dl>
      <div className="dialog-actions">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

const Mark = () => (
  <svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true">
    <rect width="32" height="32" rx="7" className="mark-ground" />
    <path d="M9 8h14v4.5H14v3h7V20h-7v5H9z" className="mark-letter" />
  </svg>
);

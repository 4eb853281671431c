import { useSyncExternalStore } from 'react';
import type { Zone } from '../format/instant.js';

export type Theme = 'system' | 'light' | 'dark';

interface Preferences {
  readonly theme: Theme;
  readonly zone: Zone;
}

const KEY = 'fragment.preferences';
const DEFAULTS: Preferences = { theme: 'system', zone: 'local' };
const listeners = new Set<() => void>();
let current = DEFAULTS;

/** Takes up what was chosen before, and follows what is chosen in another tab. Called once, before anything is drawn. */
export function startPreferences(): void {
  adopt(stored());
  window.addEventListener('storage', ({ key }) => key === KEY && adopt(stored()));
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current);
}

export function setPreference(change: Partial<Preferences>): void {
  adopt({ ...current, ...change });
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Storage is refused or full: the choice holds for this page.
  }
}

function adopt(preferences: Preferences): void {
  current = preferences;
  const { theme } = preferences;
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  for (const listener of listeners) listener();
}

function stored(): Preferences {
  try {
    const { theme, zone } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>;
    return {
      theme: theme === 'light' || theme === 'dark' ? theme : 'system',
      zone: zone === 'utc' ? 'utc' : 'local',
    };
  } catch {
    return DEFAULTS;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

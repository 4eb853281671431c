import type { ReactNode } from 'react';
import { Json } from '../components/json-panel.js';
import { KeyValues } from '../components/page.js';

interface PublicOptionsProps {
  readonly options: Readonly<Record<string, unknown>>;
  /** Shown elsewhere. */
  readonly without: readonly string[];
}

/** The options of a plugin as it shows them: secrets never reach this page. */
export function PublicOptions({ options, without }: PublicOptionsProps) {
  const entries = Object.entries(options).filter(([name]) => !without.includes(name));
  if (entries.length === 0) return <p className="muted">None.</p>;
  return <KeyValues entries={entries.map(([name, value]) => [name, shown(value)] as const)} />;
}

function shown(value: unknown): ReactNode {
  if (value === null || value === undefined) return <span className="muted">not set</span>;
  if (typeof value === 'object') return <Json value={value} />;
  return <code>{JSON.stringify(value)}</code>;
}

import { useEffect, useRef } from 'react';

export interface KeyBinding {
  readonly label: string;
  readonly run: () => void;
}

/** By key, or by two keys one after the other: `/`, `r`, `g e`. */
export type KeyBindings = Readonly<Record<string, KeyBinding>>;

const SEQUENCE_MS = 1_200;
const active: KeyBindings[] = [];
let prefix = { key: '', at: 0 };

/** Binds keys while the component is shown. The latest to bind a key has it. They rest while something is typed or a dialog is open. */
export function useKeys(bindings: KeyBindings): void {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    const proxy = new Proxy<KeyBindings>(
      {},
      {
        get: (_, key) => latest.current[key as string],
        ownKeys: () => Object.keys(latest.current),
        getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
      },
    );
    if (active.length === 0) document.addEventListener('keydown', onKeyDown);
    active.push(proxy);
    return () => {
      active.splice(active.indexOf(proxy), 1);
      if (active.length === 0) document.removeEventListener('keydown', onKeyDown);
    };
  }, []);
}

/** What can be pressed now, for the help. */
export function activeBindings(): readonly (readonly [string, string])[] {
  const labels = new Map(
    active.flatMap((bindings) => Object.entries(bindings).map(([key, { label }]) => [key, label])),
  );
  return [...labels];
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTaken(event)) return;
  const sequence = event.timeStamp - prefix.at < SEQUENCE_MS ? `${prefix.key} ${event.key}` : event.key;
  prefix = { key: event.key, at: event.timeStamp };
  const binding = bound(sequence) ?? bound(event.key);
  if (!binding) return;
  event.preventDefault();
  prefix = { key: '', at: 0 };
  binding.run();
}

const bound = (key: string): KeyBinding | undefined =>
  active.map((bindings) => bindings[key]).findLast((binding) => binding !== undefined);

/** Keys belong to fields that are typed into, to an open dialog, Enter and Space to what they would press. */
function isTaken({ target, key }: KeyboardEvent): boolean {
  if (document.querySelector('dialog[open]')) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches('input:not([type=checkbox]), textarea, select')) return true;
  if (key === 'Enter') return target.matches('a, button, summary, input');
  return key === ' ' && target.matches('button, summary, input');
}

import { useSyncExternalStore } from 'react';

const KEY = 'fragment.gateway';
const DEFAULT_PORT = 9090;
const listeners = new Set<() => void>();
let address: string | undefined;

/** Where senders reach the gateway: the admin API does not know what lies before it, so a person may say. */
export const useGatewayAddress = (): string => useSyncExternalStore(subscribe, current);

export function setGatewayAddress(next: string): void {
  address = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Storage is refused or full: the address holds for this page.
  }
  for (const listener of listeners) listener();
}

const current = (): string => (address ??= stored());

function stored(): string {
  const guess = `${window.location.protocol}//${window.location.hostname}:${DEFAULT_PORT}`;
  try {
    return localStorage.getItem(KEY) ?? guess;
  } catch {
    return guess;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

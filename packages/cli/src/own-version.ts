import { readFileSync } from 'node:fs';

/** Of this package, and so of every Fragment package: they are released together. */
export function ownVersion(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

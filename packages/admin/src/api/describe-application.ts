import { readFile } from 'node:fs/promises';
import type { Application } from '@fragment/core';
import { retentionResource } from '../resources/application.js';

/** What the application is made of: names and versions, no addresses and no secrets. */
export async function describeApplication(app: Application) {
  return {
    name: app.name,
    store: { from: app.store.name },
    queue: { from: app.queue.name },
    sources: app.sources.map(({ name }) => name),
    destinations: app.destinations.map(({ name }) => name),
    retention: retentionResource(app.retention),
    fragment: { version: await ownVersion() },
    node: { version: process.versions.node, environment: `${process.platform}/${process.arch}` },
  };
}

/** null where the package was bundled and has no manifest of its own any more. */
async function ownVersion(): Promise<string | null> {
  try {
    const manifest = JSON.parse(
      await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as unknown;
    return (manifest as { readonly version: string }).version;
  } catch {
    return null;
  }
}

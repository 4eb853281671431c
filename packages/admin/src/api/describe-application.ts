import { readFile } from 'node:fs/promises';
import type { Application, Operations } from '@fragment/core';
import { retentionResource } from '../resources/application.js';
import { serviceResource } from '../resources/running.js';

/** What the application is made of, and where it runs: names and versions, no secrets. */
export async function describeApplication(app: Application, operations: Operations) {
  return {
    name: app.name,
    store: { from: app.store.name },
    queue: { from: app.queue.name },
    sources: app.sources.map(({ name }) => name),
    destinations: app.destinations.map(({ name }) => name),
    services: await servicesOf(operations),
    retention: retentionResource(app.retention),
    fragment: { version: await ownVersion() },
    node: { version: process.versions.node, environment: `${process.platform}/${process.arch}` },
  };
}

/** null while the store cannot be asked: the rest is known without it. */
async function servicesOf(operations: Operations) {
  try {
    return (await operations.services()).map(serviceResource);
  } catch {
    return null;
  }
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

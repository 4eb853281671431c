import type { Generation } from './generation.js';

/** What a generation writes, as one JSON document. */
export function summaryOf(generation: Generation, dryRun: boolean): object {
  const { kind, name, root, create, update, unregistered, next } = generation;
  return {
    kind,
    name,
    root,
    dry_run: dryRun,
    created: create.map(({ path, text }) => ({ path, bytes: Buffer.byteLength(text) })),
    updated: update.map(({ path, lines }) => ({ path, lines })),
    unregistered,
    next,
  };
}

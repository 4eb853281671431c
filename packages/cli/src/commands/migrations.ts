import type { MigrationRecord } from '@fragment/core';
import { createFragment } from '@fragment/runtime';
import { loadConfig } from '../config.js';
import { EXIT } from '../exit-codes.js';
import type { MigrationFlags } from '../flags.js';
import { terminalLogger } from '../terminal-logger.js';

/** Brings the store's schema up to date, or tells how far it is, without starting anything but an embedded database. */
export async function migrations(command: 'run' | 'status', flags: MigrationFlags): Promise<number> {
  const { options, directory } = await loadConfig(flags);
  const quiet = { ...options, logger: options.logger ?? terminalLogger('warn', process.stderr) };
  const fragment = await createFragment(quiet, { env: process.env, directory });
  try {
    await fragment.open();
    const { store, queue } = fragment.app;
    if (command === 'run') {
      await store.migrate();
      await queue.migrate?.();
    }
    print(await store.migrations(), flags.json ?? false);
  } finally {
    await fragment.stop();
  }
  return EXIT.ok;
}

function print(records: readonly MigrationRecord[], json: boolean): void {
  if (json) {
    const data = records.map(({ version, name, appliedAt }) => ({
      version,
      name,
      applied_at: appliedAt?.toISOString() ?? null,
    }));
    process.stdout.write(`${JSON.stringify(data)}\n`);
    return;
  }
  const width = Math.max(0, ...records.map(({ version }) => version.length));
  for (const { version, name, appliedAt } of records) {
    const state = appliedAt ? `applied ${appliedAt.toISOString()}` : 'pending';
    process.stdout.write(`${version.padEnd(width)}  ${state.padEnd(32)}  ${name}\n`);
  }
}

import type { MigrationRecord } from '@fragment/core';
import { EXIT } from '../exit-codes.js';
import type { JsonFlags } from '../flags.js';
import { printJson, table } from '../output.js';
import { quietFragment } from '../quiet.js';

/** Brings the store's schema up to date, or tells how far it is, without starting anything but an embedded database. */
export async function migrations(command: 'run' | 'status', flags: JsonFlags): Promise<number> {
  const { fragment } = await quietFragment(flags);
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
    printJson(
      records.map(({ version, name, appliedAt }) => ({
        version,
        name,
        applied_at: appliedAt?.toISOString() ?? null,
      })),
    );
    return;
  }
  const rows = records.map(({ version, name, appliedAt }) => [
    version,
    appliedAt ? `applied ${appliedAt.toISOString()}` : 'pending',
    name,
  ]);
  process.stdout.write(table(rows));
}

import { FragmentError, type MigrationRecord } from '@fragment/core';
import type { Knex } from 'knex';
import { toFragmentError } from '../connection/failures.js';
import { migrations } from './index.js';

interface AppliedRow {
  readonly version: string;
  readonly applied_at: Date;
}

const raw = async <Row>(db: Knex, sql: string, bindings: readonly string[] = []): Promise<Row[]> => {
  const result = await db.raw<{ rows: Row[] }>(sql, [...bindings]);
  return result.rows;
};

async function appliedVersions(db: Knex, schema: string): Promise<Map<string, Date>> {
  const name = `"${schema}"."migrations"`;
  const [found] = await raw<{ exists: boolean }>(db, 'select to_regclass(?) is not null as exists', [name]);
  if (!found?.exists) return new Map();
  const rows = await raw<AppliedRow>(db, `select version, applied_at from ${name}`);
  return new Map(rows.map((row) => [row.version, row.applied_at]));
}

const records = (applied: ReadonlyMap<string, Date>): MigrationRecord[] =>
  migrations.map(({ version, name }) => {
    const appliedAt = applied.get(version);
    return { version, name, ...(appliedAt === undefined ? {} : { appliedAt }) };
  });

/** What this version knows, and when each step was applied. */
export async function listMigrations(db: Knex, schema: string): Promise<readonly MigrationRecord[]> {
  try {
    return records(await appliedVersions(db, schema));
  } catch (error) {
    throw toFragmentError(error);
  }
}

function refuseNewer(applied: ReadonlyMap<string, Date>): void {
  const latest = migrations.at(-1)?.version ?? '';
  const newer = [...applied.keys()].filter((version) => version > latest);
  if (newer.length > 0) {
    throw new FragmentError('FRAGMENT_STORE_SCHEMA_NEWER', {
      detail: `It has ${newer.join(', ')}; this version knows ${latest}.`,
    });
  }
}

/** Everything pending, in one transaction: a crash at any statement leaves what was there before. */
async function applyPending(trx: Knex.Transaction, schema: string): Promise<void> {
  // A second runner waits here, then finds nothing to do. The lock ends with the transaction, however that ends.
  await raw(trx, 'select pg_advisory_xact_lock(hashtextextended(?, 0))', [
    `fragment migrations of ${schema}`,
  ]);
  const [found] = await raw<{ exists: boolean }>(trx, 'select to_regnamespace(?) is not null as exists', [
    `"${schema}"`,
  ]);
  if (!found?.exists) await trx.raw(`create schema "${schema}"`);
  const table = (name: string): string => `"${schema}"."${name}"`;
  await trx.raw(
    `create table if not exists ${table('migrations')} (
      version text primary key, name text not null, applied_at timestamptz not null default now()
    )`,
  );
  const applied = await appliedVersions(trx, schema);
  refuseNewer(applied);
  for (const migration of migrations) {
    if (applied.has(migration.version)) continue;
    await migration.up(trx, table);
    await trx.raw(`insert into ${table('migrations')} (version, name) values (?, ?)`, [
      migration.version,
      migration.name,
    ]);
  }
}

/** @throws {FragmentError} FRAGMENT_STORE_SCHEMA_NEWER when a newer version has migrated this schema. */
export async function runMigrations(db: Knex, schema: string): Promise<readonly MigrationRecord[]> {
  try {
    const before = await appliedVersions(db, schema);
    refuseNewer(before);
    if (migrations.some(({ version }) => !before.has(version))) {
      await db.transaction((trx) => applyPending(trx, schema));
    }
    return records(await appliedVersions(db, schema));
  } catch (error) {
    throw toFragmentError(error);
  }
}

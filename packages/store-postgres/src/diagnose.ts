import type { HealthCheck, Store } from '@fragment/core';
import type { Database } from './connection/database.js';

/** Beyond it the times of events, which this machine gives, and of jobs, which the database gives, tell two stories. */
const MAX_SKEW_MS = 1_000;
const MIN_VERSION = 13;

/** What of the server an operator should know. */
export function diagnosing(db: Database): Pick<Store, 'diagnose'> {
  const facts = db.statement(
    'diagnose',
    `select extract(epoch from clock_timestamp()) * 1000 as now, current_setting('server_version_num')::int as version`,
  );
  return {
    async diagnose() {
      // Once for the connection, once for the time: making a connection would count as skew.
      await db.run(facts, []);
      const asked = Date.now();
      const [row] = await db.run<{ now: string | number; version: number }>(facts, []);
      if (!row) return [];
      const here = (asked + Date.now()) / 2;
      return [clockCheck(Number(row.now) - here), versionCheck(Math.floor(row.version / 10_000))];
    },
  };
}

function clockCheck(skewMs: number): HealthCheck {
  const name = 'clock';
  const rounded = Math.round(Math.abs(skewMs));
  if (rounded <= MAX_SKEW_MS) return { name, status: 'ok', message: `${rounded} ms from the database's` };
  const direction = skewMs > 0 ? 'behind' : 'ahead of';
  const message = `this machine is ${rounded} ms ${direction} the database; let both follow one time server`;
  return { name, status: 'warning', message };
}

function versionCheck(version: number): HealthCheck {
  const name = 'PostgreSQL';
  if (version >= MIN_VERSION) return { name, status: 'ok', message: `version ${version}` };
  return { name, status: 'failed', message: `version ${version}; ${MIN_VERSION} is the oldest that will do` };
}

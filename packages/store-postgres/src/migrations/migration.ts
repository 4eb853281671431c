import type { Knex } from 'knex';

/** One step of the schema. Published steps are never edited: a change is a new step. */
export interface Migration {
  /** Four digits, counting up. */
  readonly version: string;
  readonly name: string;
  /** Runs inside the transaction of the whole run. `table` quotes a name within the schema. */
  up(trx: Knex.Transaction, table: (name: string) => string): Promise<void>;
}

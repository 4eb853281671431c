import type { PlannedEvent, Store } from '@fragment/core';
import { appendCases } from './cases/append.js';
import { coordinationCases } from './cases/coordination.js';
import { familyCases } from './cases/families.js';
import { findCases } from './cases/find.js';
import { followupCases } from './cases/followups.js';
import { leaseCases } from './cases/lease.js';
import { operateCases } from './cases/operate.js';
import { orderCases } from './cases/order.js';
import { purgeCases } from './cases/purge.js';
import { settleCases } from './cases/settle.js';
import { sweepCases } from './cases/sweep.js';

/** What a case may use. */
export interface StoreContractContext {
  /** Migrated. Cases may share it one after the other: each works on sources and destinations of its own. */
  readonly store: Store;
  /** Another store on the same data, as a second process has it. The case closes it. */
  readonly newStore: () => Promise<Store>;
  /** The same event, changed so that this store can never take it. */
  readonly unstorable: (event: PlannedEvent) => PlannedEvent;
}

/** One promise of the `Store` contract. */
export interface StoreContractCase {
  readonly name: string;
  /** @throws when the promise is not kept. */
  readonly run: (context: StoreContractContext) => Promise<void>;
}

/**
 * Every promise of the `Store` contract as a list, for any test framework:
 *
 * ```ts
 * for (const { name, run } of storeContract) it(name, () => run({ store, newStore, unstorable }));
 * ```
 */
export const storeContract: readonly StoreContractCase[] = [
  ...appendCases,
  ...familyCases,
  ...leaseCases,
  ...orderCases,
  ...settleCases,
  ...followupCases,
  ...sweepCases,
  ...coordinationCases,
  ...findCases,
  ...operateCases,
  ...purgeCases,
];

import type { StoreContractCase } from './case.js';
import { appendCases } from './cases/append.js';
import { backlogCases } from './cases/backlog.js';
import { coordinationCases } from './cases/coordination.js';
import { familyCases } from './cases/families.js';
import { findCases } from './cases/find.js';
import { followupCases } from './cases/followups.js';
import { leaseCases } from './cases/lease.js';
import { operateCases } from './cases/operate.js';
import { orderCases } from './cases/order.js';
import { oversightCases } from './cases/oversight.js';
import { purgeCases } from './cases/purge.js';
import { purgeEventsCases } from './cases/purge-events.js';
import { rejectCases } from './cases/reject.js';
import { runCases } from './cases/runs.js';
import { settleCases } from './cases/settle.js';
import { statisticsCases } from './cases/statistics.js';
import { stirringCases } from './cases/stirring.js';
import { sweepCases } from './cases/sweep.js';
import { userCases } from './cases/users.js';

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
  ...rejectCases,
  ...operateCases,
  ...purgeCases,
  ...purgeEventsCases,
  ...statisticsCases,
  ...oversightCases,
  ...runCases,
  ...userCases,
  ...backlogCases,
  ...stirringCases,
];

import type { PlannedEvent, Store } from '@fragment/core';

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

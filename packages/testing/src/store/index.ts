export type { StoreContractCase, StoreContractContext } from './case.js';
export { storeContract } from './contract.js';
export { illegalTransitions } from './legal.js';

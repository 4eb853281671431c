export { storeContract, type StoreContractCase, type StoreContractContext } from './contract.js';
export { illegalTransitions } from './legal.js';

export { memoryBroker, memoryQueue } from './memory-queue.js';
export type { MemoryBroker, MemoryQueueOptions } from './memory-queue.js';
export { queueContract } from './queue-contract.js';
export type { QueueContractCase, QueueContractContext } from './queue-contract.js';

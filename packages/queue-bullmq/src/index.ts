export { bullmqQueue } from './queue.js';
export type { BullmqBackend, BullmqQueueOptions, BullmqQueueSettings, PostgresBackend } from './options.js';

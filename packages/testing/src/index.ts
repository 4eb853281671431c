export * from './vendors/index.js';
export {
  leasedJob,
  loadToolkit,
  storedEvent,
  type LeasedJobOptions,
  type LoggedLine,
} from './jobs/leased-job.js';
export * from './services/index.js';
export { fakeClock, type FakeClock } from './clock/fake-clock.js';
export { waitFor, type WaitOptions } from './wait/wait-for.js';
export * from './queue/index.js';
export { freePort, removeDirectory, scratchDirectory } from './services/scratch.js';
export { copyCluster } from './services/postgres-template.js';
export * from './store/index.js';
export * from './destination/index.js';

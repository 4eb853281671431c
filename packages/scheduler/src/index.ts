export { scheduler } from './scheduler.js';
export type { AdminHandler, SchedulerOptions } from './scheduler.js';

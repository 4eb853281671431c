export { log } from './destination.js';
export type { LogOptions } from './destination.js';

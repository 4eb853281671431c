export type { RestLimits, RestOptions } from './options.js';
export { rest } from './rest.js';
export { parseWriteKeys } from './write-keys.js';
export type { WriteKey } from './write-keys.js';

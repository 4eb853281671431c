export { client } from './client.js';
export type { Client, ClientOptions, SendOptions, Sent } from './client.js';
export type { Arrival } from './message.js';
export type { RestLimits, RestOptions } from './options.js';
export { rest } from './rest.js';
export type { RestSource } from './rest.js';
export { parseWriteKeys } from './write-keys.js';
export type { WriteKey } from './write-keys.js';

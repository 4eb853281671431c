export type { CorsOption } from './cors.js';
export { gateway } from './gateway.js';
export type { Gateway } from './gateway.js';
export type { GatewayLimits, GatewayOptions } from './options.js';

export { webhook } from './destination.js';
export type { WebhookOptions } from './options.js';
export { verifySignature } from './signature.js';
export type { ReceivedWebhook, Verification } from './signature.js';

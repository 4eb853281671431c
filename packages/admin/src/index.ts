export { admin } from './admin.js';
export type { Admin } from './admin.js';
export type { AdminOptions } from './admin-options.js';
export { ROLES } from './access/roles.js';
export type { AdminToken, HostLogin, Identity, Role } from './access/roles.js';
export { redactPaths } from './redaction/redact-paths.js';
export type { Redact, ShownPart } from './redaction/redact.js';
export type { SettingView } from './api/endpoint.js';

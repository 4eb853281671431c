export { admin } from './admin.js';
export type { Admin, AdminOptions } from './admin.js';

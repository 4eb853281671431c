export { testPostgres, type TestPostgres, type TestPostgresOptions } from './postgres.js';
export { chromiumPath } from './programs.js';
export { testRedis, type TestRedis, type TestRedisOptions } from './redis.js';
export { requiring, type Describe, type ServiceName, type SkippedSuite } from './requiring.js';

import { runService, type ServiceOptions } from './service.js';

await runService(JSON.parse(process.argv[2] ?? '{}') as ServiceOptions);

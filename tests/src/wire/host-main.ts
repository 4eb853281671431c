// A service of the host's own, with the gateway below a prefix of it: a process that a test may kill.
import { createFragment } from '@fragment/runtime';
import { expressHost } from './express-host.js';

const fragment = await createFragment({ gateway: { port: false } }, { env: process.env });
await fragment.start({ gateway: true, scheduler: false });
await expressHost(fragment.gateway, Number(process.env['PORT']));

import { destinationScheduler } from './destinations-part.js';
import { floorGateway } from './floor.js';
import { fragmentGateway, fragmentScheduler } from './fragment.js';
import { naiveGateway, naiveScheduler } from './naive.js';
import type { Part, PartOptions } from './part.js';

const parts: Readonly<Record<string, Part>> = {
  floorGateway,
  fragmentGateway,
  fragmentScheduler,
  naiveGateway,
  naiveScheduler,
  destinationScheduler,
};

const [, , name = '', options = '{}'] = process.argv;
const part = parts[name];
if (!part) throw new Error(`there is no part ${name}`);
await part(JSON.parse(options) as PartOptions);
process.stdout.write('ready\n');

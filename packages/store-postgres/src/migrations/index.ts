import { eventsAndJobs } from './0001-events-and-jobs.js';
import { oversight } from './0002-oversight.js';
import { traces } from './0003-traces.js';
import { reasons } from './0004-reasons.js';
import { runsAndServices } from './0005-runs-and-services.js';
import { stirring } from './0006-stirring.js';
import { ingested } from './0007-ingested.js';
import type { Migration } from './migration.js';

export type { Migration } from './migration.js';

/** Every step of the schema, oldest first. */
export const migrations: readonly Migration[] = [
  eventsAndJobs,
  oversight,
  traces,
  reasons,
  runsAndServices,
  stirring,
  ingested,
];

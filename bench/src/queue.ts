import type { Queue } from '@fragment/core';
import { bullmqQueue } from '@fragment/queue-bullmq';
import type { PartOptions } from './part.js';

/** BullMQ on Redis, or on the Postgres where there is none. */
export const queueOf = (o: PartOptions): Queue =>
  bullmqQueue(o.redis === undefined ? { postgres: { connection: o.postgres } } : { redis: o.redis });

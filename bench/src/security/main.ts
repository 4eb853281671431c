// `node bench/dist/security/main.js`: what attacks on the intake cost, under a minute. Rows as in docs/security.md.
import { testPostgres } from '@fragment/testing';
import { flood, PENDING } from './flood.js';
import { bombs, depth, keys, patterns, slowSockets, type Figure } from './scenarios.js';
import { startService, type RunningService, type ServiceOptions } from './service.js';

const postgres = await testPostgres({ own: true, durable: true });
const figures: Figure[] = [];

async function measure(
  scenarios: readonly ((service: RunningService) => Promise<Figure[]>)[],
  o: Omit<ServiceOptions, 'postgres'> = {},
): Promise<void> {
  const service = await startService({ postgres: postgres.url, ...o });
  try {
    for (const scenario of scenarios) figures.push(...(await scenario(service)));
  } finally {
    await service.stop();
  }
}

try {
  await measure([depth, bombs, patterns, keys, slowSockets]);
  await measure([flood], { maxPendingEvents: PENDING });
} finally {
  await postgres.stop();
}
const lines = figures.map(({ row, what, value }) => `| ${row} | ${what} | ${value} |\n`);
process.stdout.write(`| | figure | measured |\n| --- | --- | --- |\n${lines.join('')}`);

// `pnpm chaos [--kills 20] [--only R1,R4] [--queue redis|postgres]`: the failure tests at full length, a line of JSON each.
import { parseArgs } from 'node:util';
import { runScenario, scenarios, type Report } from './scenarios.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    only: { type: 'string' },
    queue: { type: 'string', default: 'redis' },
  },
});
const wanted = values.only?.split(',').map((name) => name.trim().toUpperCase());

const failed = (r: Report): boolean =>
  r.lost + r.stuck + r.illegal + r.doubled + r.crashes + r.unanswered > 0;

for (const scenario of scenarios) {
  if (wanted && !wanted.includes(scenario.name)) continue;
  if (scenario.needsRedis && values.queue !== 'redis') continue;
  const begin = Date.now();
  const report = await runScenario(scenario, {
    kills: Number(values.kills),
    redis: values.queue === 'redis',
  });
  const line = {
    scenario: scenario.name,
    title: scenario.title,
    seconds: (Date.now() - begin) / 1_000,
    ...report,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  if (failed(report)) process.exitCode = 1;
}

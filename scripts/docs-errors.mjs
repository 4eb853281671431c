// Writes docs/errors.md from the registry: `node scripts/docs-errors.mjs` after a build. A test compares the two.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './bootstrap.mjs';

const { errorRegistry } = await import(pathToFileURL(path.join(root, 'packages/core/dist/index.js')).href);
const areas = new Map();
for (const [code, row] of Object.entries(errorRegistry)) {
  const area = code.split('_')[1];
  areas.set(area, [...(areas.get(area) ?? []), [code, row]]);
}
const titles = {
  INGEST: 'Taking events in',
  STORE: 'Store',
  TRANSACTION: "A caller's transaction",
  QUEUE: 'Queue',
  DELIVERY: 'Deliveries (why a job failed, was discarded or is unknown)',
  FOLLOWUP: 'Follow-ups',
  PLAN: 'Planning',
  ADMIN: 'Admin API',
  HTTP: 'HTTP services',
  CONFIG: 'Configuration',
  TRIGGER: 'Triggers',
  WRITE: 'Write keys',
  SERVICE: 'Services',
  APPLICATION: 'Application',
  PLUGIN: 'Plugins',
  CLI: 'Command line',
  SCAFFOLD: 'Generators',
  EMBEDDED: 'Embedded PostgreSQL',
};
const sections = [...areas]
  .sort(([a], [b]) => Object.keys(titles).indexOf(a) - Object.keys(titles).indexOf(b))
  .map(([area, rows]) => {
    const entries = rows
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([code, row]) =>
          `### ${code}\n\nStatus \`${row.status}\`. ${row.message}\n\n**What to do:** ${row.advice}\n`,
      );
    return `## ${titles[area] ?? area}\n\n${entries.join('\n')}`;
  });
const text = `# Errors

Every error Fragment shows carries a code. Codes are public interface: they are searched for, and they do not change
their meaning. An HTTP answer carries the code beside \`statusCode\`, \`message\` and \`validations\`; a job carries it in
its error; the command line prints it with the advice below. The status is that of an HTTP answer; codes that never
answer a request have the one that would fit.

${sections.join('\n')}`;
writeFileSync(path.join(root, 'docs/errors.md'), text);

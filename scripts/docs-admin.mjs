// Writes the tables of docs/admin-api.md from the description that the admin API gives of itself:
// `node scripts/docs-admin.mjs` after a build. With `--check` it changes nothing and says whether the page is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './bootstrap.mjs';

const built = (file) => import(pathToFileURL(path.join(root, 'packages/admin/dist/api', file)).href);
const [{ adminEndpoints }, { openApiOf }] = [await built('endpoints.js'), await built('openapi.js')];
const { paths } = openApiOf(adminEndpoints('/admin'), '/admin');
const operations = Object.entries(paths).flatMap(([at, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...operation,
    at: at.replace('/admin/api', ''),
    method: method.toUpperCase(),
    query: operation.parameters.filter((parameter) => parameter.in === 'query'),
  })),
);

const isFilter = ({ name }) => /^(events|jobs|transitions)\./.test(name);
const code = (text) => `\`${text}\``;
const tableOf = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function takes({ query, requestBody }) {
  const names = query.filter((parameter) => !isFilter(parameter)).map(({ name }) => code(name));
  const body = requestBody?.content['application/json'].schema;
  const members = Object.keys(body?.properties ?? {}).map((name) =>
    body.required?.includes(name) ? code(name) : `${code(name)}?`,
  );
  const filters = query.some(isFilter) ? ['filters'] : [];
  return [...filters, ...names, ...(members.length > 0 ? [`{ ${members.join(', ')} }`] : [])].join(', ');
}

const endpointTable = (chosen) =>
  tableOf(
    ['Path', 'Role', 'What it is', 'Takes'],
    chosen.map((o) => [
      `${o.method === 'GET' ? '' : `${o.method} `}${code(o.at)}`,
      o['x-role'],
      o.summary,
      takes(o),
    ]),
  );

const filters = new Map(operations.flatMap(({ query }) => query.filter(isFilter).map((p) => [p.name, p])));
const filterTable = tableOf(
  ['Filter', 'Value'],
  [...filters.values()].map(({ name, description }) => [code(name), description.replace(/^must be /, '')]),
);
const sections = {
  reads: endpointTable(operations.filter(({ method }) => method === 'GET')),
  writes: endpointTable(operations.filter(({ method }) => method !== 'GET')),
  filters: filterTable,
};

const file = path.join(root, 'docs/admin-api.md');
const page = readFileSync(file, 'utf8');
const written = Object.entries(sections).reduce(
  (text, [name, table]) =>
    text.replace(
      new RegExp(`(<!-- ${name}:begin -->)[^]*?(<!-- ${name}:end -->)`),
      (_, begin, end) => `${begin}\n\n${table}\n\n${end}`,
    ),
  page,
);
const missing = Object.keys(sections).filter((name) => !page.includes(`<!-- ${name}:begin -->`));
for (const name of missing) console.error(`docs/admin-api.md has no place for the table "${name}"`);
if (missing.length > 0) process.exitCode = 1;
if (written !== page) {
  if (!process.argv.includes('--check')) writeFileSync(file, written);
  else {
    console.error('docs/admin-api.md is stale: run node scripts/docs-admin.mjs');
    process.exitCode = 1;
  }
}

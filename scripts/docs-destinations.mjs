// Writes the mapping and answers tables of every destination from its cases into its README and its page in docs, and the
// table of its options from the README into the page:
// `node scripts/docs-destinations.mjs` after a build. With `--check` it changes nothing and names the stale pages.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './bootstrap.mjs';

const { loadCases, tablesOf } = await import(
  pathToFileURL(path.join(root, 'packages/testing/dist/index.js')).href
);
const code = (text) => `\`${text.replaceAll('|', '\\|')}\``;
const words = (text) => text.replace(/(?<!\\)\|/g, '\\|');

/** Not padded: the widest cells would triple what each destination weighs when it is installed. */
function tableOf(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return ['<!-- prettier-ignore -->', line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function sectionsOf(cases) {
  const { mapping, answers } = tablesOf(cases);
  return {
    mapping: tableOf(
      ['Sent', 'From the message', 'Notes'],
      mapping.map(({ to, from, notes }) => [code(to), from.map(code).join(', '), words(notes.join('; '))]),
    ),
    answers: tableOf(
      ['Answer', 'Job'],
      answers.map(({ answer, outcome }) => [words(answer), words(outcome)]),
    ),
  };
}

const read = (file) => {
  const absolute = path.join(root, file);
  return existsSync(absolute) ? readFileSync(absolute, 'utf8') : '';
};

/** What stands between the markers of a section. */
const sectionOf = (page, name) =>
  new RegExp(`<!-- ${name}:begin -->([^]*?)<!-- ${name}:end -->`).exec(page)?.[1].trim() ?? '';

/** The page with its sections written anew. A page shows those it has markers for. */
function withSections(page, sections) {
  return Object.entries(sections).reduce(
    (text, [name, table]) =>
      text.replace(
        new RegExp(`(<!-- ${name}:begin -->)[^]*?(<!-- ${name}:end -->)`),
        (_, begin, end) => `${begin}\n\n${table}\n\n${end}`,
      ),
    page,
  );
}

const check = process.argv.includes('--check');
for (const dir of readdirSync(path.join(root, 'packages')).filter((name) =>
  name.startsWith('destination-'),
)) {
  const folder = path.join(root, 'packages', dir, 'cases');
  if (!existsSync(folder)) continue;
  let sections;
  try {
    sections = sectionsOf(await loadCases(folder));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
    continue;
  }
  const name = dir.slice('destination-'.length);
  sections.options = sectionOf(read(`packages/${dir}/README.md`), 'options');
  for (const file of [`packages/${dir}/README.md`, `docs/destinations/${name}.md`]) {
    const page = read(file);
    const written = withSections(page, sections);
    const missing = Object.keys(sections).filter((section) => !page.includes(`<!-- ${section}:begin -->`));
    for (const section of missing) console.error(`${file} has no place for the table "${section}"`);
    if (missing.length > 0) process.exitCode = 1;
    if (written === page) continue;
    if (!check) writeFileSync(path.join(root, file), written);
    else {
      console.error(`${file} is stale: run node scripts/docs-destinations.mjs`);
      process.exitCode = 1;
    }
  }
}

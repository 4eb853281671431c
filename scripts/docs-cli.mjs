// Writes docs/cli/README.md from the commands, the tables of docs/configuration.md from the settings and the options, and
// the JSON Schema of a configuration that is JSON from the options:
// `node scripts/docs-cli.mjs` after a build. With `--check` it changes nothing and names the stale pages.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './bootstrap.mjs';
import { optionsTable } from './options-table.mjs';

const load = (file) => import(pathToFileURL(path.join(root, file)).href);
const { createProgram } = await load('packages/cli/dist/program.js');
const { configurationSchema, settingsTable } = await load('packages/runtime/dist/index.js');

/** The commands that do something, with their full names, in the order of the help. */
const leavesOf = (command, above = []) =>
  command.commands.length === 0
    ? [{ command, name: above.join(' ') }]
    : command.commands.flatMap((child) => leavesOf(child, [...above, child.name()]));

/** Every command, those that only hold others too. */
const allOf = (command, above = []) => [
  { command, name: above.join(' ') },
  ...command.commands.flatMap((child) => allOf(child, [...above, child.name()])),
];

/** As a terminal of 100 columns shows it, whatever this one is. */
function helpOf(command, name) {
  let text = '';
  command.configureOutput({ writeOut: (more) => (text += more), getOutHelpWidth: () => 100 });
  command.outputHelp();
  return `## ${`fragment ${name}`.trimEnd()}\n\n\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`;
}

function helpOfCreator() {
  const bin = path.join(root, 'packages/create-fragment/bin/create-fragment.js');
  return execFileSync(process.execPath, [bin, '--help'], { encoding: 'utf8' }).trimEnd();
}

async function reference() {
  const program = await createProgram(() => undefined);
  const leaves = leavesOf(program);
  const list = leaves.map(
    ({ command, name }) =>
      `- [fragment ${name}](#fragment-${name.replaceAll(' ', '-')}): ${command.description()}`,
  );
  return `# Command line

What \`fragment <command> --help\` says. This page is made from the commands by \`node scripts/docs-cli.mjs\`.

${list.join('\n')}

## Conventions

- Results go to stdout, everything said to people to stderr. \`--json\` prints one JSON document, also for errors:
  \`{ "error": { "code", "message", "validations", "try", "read" } }\`.
- \`NO_COLOR\` and \`--no-color\` make plain text, as everything does that is no terminal. With \`CI\` set, or without a
  terminal, nothing is asked: the error names the flag that answers.
- No command sends anything about you anywhere.

| Exit code | Meaning |
| --------- | ------- |
| 0 | done |
| 1 | failed |
| 2 | not understood: an unknown command, flag or value; or a command that this version does not have yet |
| 3 | the configuration is missing, not valid, or could not be loaded |
| 4 | the store, the queue or the admin API cannot be reached |
| 5 | nothing matched, with \`--fail-if-empty\` |
| 6 | something is in the way: a file exists, a port or a data directory is taken |
| 130, 143 | told to stop a second time, by Ctrl-C or SIGTERM; 130 also for Ctrl-C at a question or of \`--watch\` |

${allOf(program)
  .map(({ command, name }) => helpOf(command, name))
  .join('\n')}
## create-fragment

\`npm create fragment@latest\` runs it.

\`\`\`text
${helpOfCreator()}
\`\`\`
`;
}

function settings() {
  const code = (text) => `\`${text}\``;
  const rows = Object.values(settingsTable).map(
    (row) => `| ${row.variable} | ${row.options.map(code).join(', ')} | ${row.default} | ${row.meaning} |`,
  );
  return ['| Variable | Option | Default | Meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

const configuration = 'docs/configuration.md';
const between = (page, name, text) =>
  page.replace(
    new RegExp(`(<!-- ${name}:begin -->)[^]*?(<!-- ${name}:end -->)`),
    (_, begin, end) => `${begin}\n\n${text}\n\n${end}`,
  );
const pages = {
  'docs/cli/README.md': () => reference(),
  'packages/runtime/fragment.schema.json': () => `${JSON.stringify(configurationSchema(), undefined, 2)}\n`,
  [configuration]: () => {
    const page = readFileSync(path.join(root, configuration), 'utf8');
    return between(between(page, 'settings', settings()), 'options', optionsTable());
  },
};

const check = process.argv.includes('--check');
for (const [page, write] of Object.entries(pages)) {
  const file = path.join(root, page);
  const text = await write();
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (!check) writeFileSync(file, text);
  else {
    console.error(`${page} is stale: run node scripts/docs-cli.mjs`);
    process.exitCode = 1;
  }
}

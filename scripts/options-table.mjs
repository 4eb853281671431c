// The table of docs/configuration.md that tells the options of `defineApplication`, made of their types and docstrings.
import path from 'node:path';
import ts from 'typescript';
import { root } from './bootstrap.mjs';

const file = path.join(root, 'packages/runtime/dist/options.d.ts');

/** Options that are groups of options. */
const GROUPS = [
  'gateway',
  'gateway.limits',
  'scheduler',
  'admin',
  'ingest',
  'execution',
  'execution.retry',
  'execution.breaker',
  'retention',
];

/** Every option with its type, its default and what it means, as a table. */
export function optionsTable() {
  const program = ts.createProgram([file], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    skipLibCheck: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source));
  const options = exported.find(({ name }) => name === 'FragmentOptions');
  const rows = [...rowsOf(checker, source, checker.getDeclaredTypeOfSymbol(options), '')];
  const found = new Set(rows.map(({ name }) => name));
  const missing = GROUPS.filter((name) => !found.has(name));
  if (missing.length > 0) throw new Error(`Options that are gone: ${missing.join(', ')}`);
  return [
    '| Option | Type | Default | Meaning |',
    '| --- | --- | --- | --- |',
    ...rows.map(({ name, type, preset, meaning }) => `| \`${name}\` | ${type} | ${preset} | ${meaning} |`),
  ].join('\n');
}

function* rowsOf(checker, source, type, above) {
  for (const property of type.getProperties()) {
    const name = `${above}${property.name}`;
    const value = checker.getNonNullableType(checker.getTypeOfSymbolAtLocation(property, source));
    const isGroup = GROUPS.includes(name);
    yield { name, type: isGroup ? '' : typeText(checker, value), ...told(checker, property) };
    if (isGroup) yield* rowsOf(checker, source, value, `${name}.`);
  }
}

function typeText(checker, type) {
  const text = checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
  const plain = text
    .replaceAll(/\breadonly /g, '')
    .replace(/^NonNullable<(.*) \| undefined>$/, '$1')
    .replaceAll(/<"[^"]*">/g, '');
  return `\`${plain.replaceAll('|', '\\|')}\``;
}

/** The sentence of a docstring that tells the default, and the others. */
function told(checker, property) {
  const text = ts.displayPartsToString(property.getDocumentationComment(checker)).replaceAll(/\s+/g, ' ');
  const sentences = text.split(/(?<=\.)\s+(?=[A-Z`])/);
  const presets = sentences.filter((one) => one.startsWith('Default'));
  return {
    preset: presets.map((one) => one.replace(/^Default[:,]?\s*/, '').replace(/\.$/, '')).join('. '),
    meaning: sentences.filter((one) => !presets.includes(one)).join(' '),
  };
}

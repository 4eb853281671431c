// Writes config/exports.json, what every package exports by name: `node scripts/exports.mjs` after a build. With `--check`
// it changes nothing and tells how the packages differ from it. Whoever changes the list changes a promise.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from './bootstrap.mjs';

const file = path.join(root, 'config/exports.json');

/** Every import specifier of a package that has types, and where they are. */
const entries = readdirSync(path.join(root, 'packages'))
  .sort()
  .flatMap((dir) => {
    const folder = path.join(root, 'packages', dir);
    const { name, exports } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    return Object.entries(exports)
      .filter(([, target]) => target.types !== undefined)
      .map(([entry, { types }]) => [`${name}${entry.slice(1)}`, path.join(folder, types)]);
  });

const program = ts.createProgram(
  entries.map(([, types]) => types),
  { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, noEmit: true, skipLibCheck: true },
);
const checker = program.getTypeChecker();

/** `values` exist when the program runs, `types` before it does; what is both stands among the values. */
function namesOf(types) {
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(types)));
  const isValue = (symbol) => {
    const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const typeOnly = symbol.declarations?.some((at) => ts.isTypeOnlyImportOrExportDeclaration(at));
    return !typeOnly && (meant.flags & ts.SymbolFlags.Value) !== 0;
  };
  const named = (wanted) =>
    symbols
      .filter((symbol) => isValue(symbol) === wanted)
      .map(({ name }) => name)
      .sort();
  return { values: named(true), types: named(false) };
}

const exported = Object.fromEntries(entries.map(([specifier, types]) => [specifier, namesOf(types)]));

if (process.argv.includes('--check')) {
  const pinned = JSON.parse(readFileSync(file, 'utf8'));
  for (const specifier of new Set([...Object.keys(pinned), ...Object.keys(exported)])) {
    const [before, now] = [pinned, exported].map((lists) => Object.values(lists[specifier] ?? {}).flat());
    for (const name of now.filter((name) => !before.includes(name)))
      tell(`${specifier} also exports ${name}`);
    for (const name of before.filter((name) => !now.includes(name))) tell(`${specifier} exports no ${name}`);
  }
  if (process.exitCode === undefined && JSON.stringify(pinned) !== JSON.stringify(exported))
    tell('A value became a type, or the other way.');
  if (process.exitCode !== undefined) tell('If it is meant: node scripts/exports.mjs');
} else writeFileSync(file, `${JSON.stringify(exported, null, 2)}\n`);

function tell(text) {
  console.error(text);
  process.exitCode = 1;
}

// Where the commands of the pages are run. What stands in neither table is run by commands.test.ts itself.

/** A page, and the test that goes through it: its file and a part of its title. */
export const RUN_ELSEWHERE: Readonly<Record<string, readonly [file: string, title: string]>> = {
  'docs/getting-started.md': ['scaffold/packed.test.ts', 'lead through the first page'],
  'packages/create-fragment/README.md': ['scaffold/packed.test.ts', 'lead through the first page'],
  'docs/cli/generate.md': ['scaffold/generated.test.ts', 'compiles without comments'],
  'docs/destinations/writing-your-own.md': ['docs/writing-your-own.test.ts', 'leads to a job that succeeded'],
  'docs/sdks.md': ['wire/snippets.test.ts', 'curl'],
};

/** Commands that no test runs, and why. */
export const NOT_RUN: readonly (readonly [command: RegExp, reason: string])[] = [
  [/^npm test/, 'it is what runs the tests'],
  [/^npm run (build|typecheck)$/, 'npm test does both before the first test'],
  [/^npm run mock$/, 'a tool of those who change the dashboard, on a port of its own'],
  [
    /^(npm|pnpm) (install|i|add) @fragment\//,
    'packed.test.ts installs the packages; before a release the registry has none',
  ],
  [/^docker (build|run) /, 'CI has no Docker'],
  [/^(pnpm bench|node bench\/)/, 'a measurement takes ten minutes and a quiet machine'],
  [/^pg_(dump|restore) /, 'CI has no programs of PostgreSQL'],
];

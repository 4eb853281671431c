import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { isFragmentError } from '@fragment/core';
import { removeDirectory, scratchDirectory } from '@fragment/testing';
import { withoutComments } from './comments.js';
import { generate, nameProblem, write, type GenerateRequest } from './index.js';
import { namesOf } from './names.js';
import { addImport, addLines } from './slots.js';

const directories: string[] = [];
afterEach(async () => {
  await Promise.all(directories.splice(0).map((directory) => removeDirectory(directory)));
});

/** An application with nothing in it but what its generator wrote. */
async function application(request: Partial<GenerateRequest> = {}): Promise<string> {
  const directory = await scratchDirectory();
  directories.push(directory);
  await write(generate({ kind: 'application', name: 'my-cdp', cwd: directory, path: '.', ...request }));
  return directory;
}

const filesOf = async (directory: string): Promise<string[]> =>
  (await readdir(directory, { recursive: true })).sort();

/** The code and the detail of what was refused. */
async function refusal(run: () => unknown): Promise<{ code: string; detail: string | undefined }> {
  try {
    await run();
  } catch (error) {
    if (isFragmentError(error)) return { code: error.code, detail: error.detail };
    throw error;
  }
  throw new Error('it was not refused');
}

describe('names', () => {
  it.each(['a', 'crm', 'order-completed', 'add_users', 'v2', 'a'.repeat(60)])('take %s', (name) => {
    expect(nameProblem(name)).toBeUndefined();
  });

  it.each([
    '',
    'Crm',
    '2crm',
    '-crm',
    'crm-',
    'a--b',
    'a b',
    '../crm',
    'crm.ts',
    'ü',
    'index',
    'a'.repeat(61),
  ])('refuse %j', (name) => {
    expect(nameProblem(name)).toEqual(expect.any(String));
  });

  it('take the forms that code wants', () => {
    expect(namesOf('order-completed_now', 'flow')).toEqual({
      name: 'order-completed_now',
      id: 'orderCompletedNow',
      type: 'OrderCompletedNow',
      title: 'Order Completed Now',
      constant: 'ORDER_COMPLETED_NOW',
    });
    expect(namesOf('delete', 'action').id).toBe('deleteAction');
    expect(namesOf('track', 'action').id).toBe('track');
    expect(namesOf('track', 'destination').id).toBe('trackDestination');
  });
});

describe('lines', () => {
  const text = ['const list = [', '  first,', '  // fragment:list (new ones come above)', '];', ''].join(
    '\n',
  );

  it('are added above their mark, in order and as far in as it is', () => {
    const once = addLines(text, [{ slot: 'list', line: 'second({\n  a,\n}),' }]) ?? '';
    expect(addLines(once, [{ slot: 'list', line: 'third,' }])).toBe(
      text.replace('  first,\n', '  first,\n  second({\n    a,\n  }),\n  third,\n'),
    );
  });

  it('are not added at all when one mark is missing', () => {
    const lines = [
      { slot: 'list', line: 'a,' },
      { slot: 'lis', line: 'b,' },
    ];
    expect(addLines(text, lines)).toBeUndefined();
  });

  it('keep what looks like a pattern of a replacement', () => {
    expect(addLines('// fragment:a\n', [{ slot: 'a', line: `$& $1 $'` }])).toBe(`$& $1 $'\n// fragment:a\n`);
  });

  it('bring the names that they use into an import that is there', () => {
    expect(addImport(`import { b, d } from 'm';\n`, 'c', 'm')).toEqual({
      text: `import { b, c, d } from 'm';\n`,
      lines: [],
    });
    expect(addImport(`import { c } from 'm';\n`, 'c', 'm').lines).toEqual([]);
    expect(addImport(`import * as m from 'm';\n`, 'c', 'm').lines).toEqual([
      { slot: 'imports', line: `import { c } from 'm';` },
    ]);
  });
});

describe('comments', () => {
  it('go, but marks, texts and examples of variables stay', () => {
    const code = `/** A\n * B */\n// c\nconst url = 'https://x'; // kept\n// fragment:imports\n\n// d\n\nfoo();\n`;
    expect(withoutComments('a.ts', code)).toBe(
      `const url = 'https://x'; // kept\n// fragment:imports\n\nfoo();\n`,
    );
    expect(withoutComments('.env.example', '# About\n#KEY=\n# fragment:environment\n')).toBe(
      '#KEY=\n# fragment:environment\n',
    );
    expect(withoutComments('README.md', '# Title\n')).toBe('# Title\n');
  });
});

describe('an application', () => {
  it('is what the README says', async () => {
    const directory = await application({ destinations: ['webhook', 'webhook'] });
    expect(await filesOf(directory)).toEqual([
      '.env.example',
      '.gitignore',
      'README.md',
      'docker-compose.yml',
      'eslint.config.js',
      'fragment.config.test.ts',
      'fragment.config.ts',
      'package.json',
      'tsconfig.json',
    ]);
    const manifest = JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8')) as {
      scripts: object;
      dependencies: Record<string, string>;
    };
    expect(Object.keys(manifest.scripts)).toEqual(['dev', 'start', 'build', 'test', 'typecheck', 'lint']);
    expect(manifest.dependencies).toHaveProperty(['@fragment/destination-webhook'], '^0.1.0');
    expect(manifest.dependencies).not.toHaveProperty(['@fragment/destination-segment']);
    // It was named twice.
    const config = await readFile(path.join(directory, 'fragment.config.ts'), 'utf8');
    expect(config.match(/^import \{ webhook \}/gm)).toHaveLength(1);
  });

  it('takes its packages from a directory of tarballs', async () => {
    const packages = await scratchDirectory();
    directories.push(packages);
    const names = ['cli', 'core', 'http-client', 'runtime', 'segment-spec', 'testing', 'store-postgres'];
    for (const name of names) await writeFile(path.join(packages, `fragment-${name}-0.1.0.tgz`), '');
    const directory = await application({ packages });
    const manifest = JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8')) as {
      dependencies: object;
      overrides: object;
    };
    const tarball = (name: string) => `file:${path.join(packages, `fragment-${name}-0.1.0.tgz`)}`;
    expect(manifest.dependencies).toHaveProperty(['@fragment/core'], tarball('core'));
    expect(manifest.dependencies).not.toHaveProperty(['@fragment/store-postgres']);
    expect(manifest.overrides).toHaveProperty(['@fragment/store-postgres'], tarball('store-postgres'));
    const asked = () =>
      generate({ kind: 'application', name: 'x', cwd: packages, packages, destinations: ['segment'] });
    expect(await refusal(asked)).toEqual({
      code: 'FRAGMENT_CLI_USAGE',
      detail: '--packages: no tarball of @fragment/destination-segment is there.',
    });
  });

  it('is not written where something is, but for a repository', async () => {
    const cwd = await scratchDirectory();
    directories.push(cwd);
    await mkdir(path.join(cwd, 'taken/.git'), { recursive: true });
    await write(generate({ kind: 'application', name: 'taken', cwd }));
    const again = await refusal(() => write(generate({ kind: 'application', name: 'taken', cwd })));
    expect(again.code).toBe('FRAGMENT_SCAFFOLD_CONFLICT');
    expect(again.detail).toContain(path.join(cwd, 'taken/package.json'));
    expect(again.detail).not.toContain('.git is');
  });
});

describe('writing', () => {
  it('names every file in the way, and writes none', async () => {
    const cwd = await application();
    await mkdir(path.join(cwd, 'flows'));
    const taken = ['flows/vip.ts', 'flows/vip.test.ts'].map((file) => path.join(cwd, file));
    for (const file of taken) await writeFile(file, 'mine');
    const before = await filesOf(cwd);
    const { code, detail } = await refusal(() => write(generate({ kind: 'flow', name: 'vip', cwd })));
    expect({ code, detail }).toEqual({
      code: 'FRAGMENT_SCAFFOLD_CONFLICT',
      detail: `${taken.join(' is there already; ')} is there already.`,
    });
    expect(await filesOf(cwd)).toEqual(before);
    for (const file of taken) expect(await readFile(file, 'utf8')).toBe('mine');
  });

  it('refuses to change a file that was changed after it was read', async () => {
    const cwd = await application();
    const generation = generate({ kind: 'flow', name: 'vip', cwd });
    await writeFile(path.join(cwd, 'fragment.config.ts'), 'mine');
    const { code, detail } = await refusal(() => write(generation));
    expect(code).toBe('FRAGMENT_SCAFFOLD_CONFLICT');
    expect(detail).toContain('fragment.config.ts was changed meanwhile');
    expect(existsSync(path.join(cwd, 'flows'))).toBe(false);
  });

  it('takes back what it wrote when a later file fails, and leaves nothing beside it', async () => {
    const cwd = await application();
    // A file where a directory of the piece would have to be.
    const generation = generate({ kind: 'source', name: 'crm', cwd, migrations: true });
    const [first, ...others] = generation.create;
    const spoilt = { ...generation, create: [first!, ...others, { path: `${first!.path}/below`, text: '' }] };
    const before = await filesOf(cwd);
    expect((await refusal(() => write(spoilt))).code).toBe('FRAGMENT_SCAFFOLD_NOT_WRITTEN');
    expect(await filesOf(cwd)).toEqual(before);
    await write(generation);
    expect(await filesOf(cwd)).toContain('sources/crm/index.ts');
    expect((await filesOf(cwd)).filter((file) => file.startsWith('.fragment-generate'))).toEqual([]);
  });

  it('lets one of two that write the same at once win, and the other change nothing', async () => {
    const cwd = await application();
    const both = [1, 2].map(() => generate({ kind: 'destination', name: 'crm', cwd }));
    const ends = await Promise.allSettled(both.map((generation) => write(generation)));
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(existsSync(path.join(cwd, 'destinations/crm/index.ts'))).toBe(true);
    const config = await readFile(path.join(cwd, 'fragment.config.ts'), 'utf8');
    expect(config.match(/import \{ crm \}/g)).toHaveLength(1);
  });

  it('says what the system has against it', async () => {
    const cwd = await application();
    const belowFile = path.join(cwd, 'README.md/flows');
    const { code, detail } = await refusal(() =>
      write(generate({ kind: 'flow', name: 'vip', cwd, path: belowFile })),
    );
    expect(code).toBe('FRAGMENT_SCAFFOLD_NOT_WRITTEN');
    expect(detail).toContain('README.md');
    expect((await filesOf(cwd)).filter((file) => file.startsWith('.fragment-generate'))).toEqual([]);
  });
});

describe('registration', () => {
  it('is told instead of done where the file has no marks, or is not there, or is JavaScript', async () => {
    const cwd = await application();
    const config = path.join(cwd, 'fragment.config.ts');
    await writeFile(config, (await readFile(config, 'utf8')).replace('// fragment:flows', ''));
    const lines = [`import { vip } from './flows/vip.js';`, 'vip,'];
    expect(generate({ kind: 'flow', name: 'vip', cwd })).toMatchObject({
      update: [],
      unregistered: [
        { path: 'fragment.config.ts', lines, because: expect.stringContaining('fragment:flows') },
      ],
    });

    await writeFile(path.join(cwd, 'fragment.config.js'), '// fragment:imports\n// fragment:flows\n');
    expect(generate({ kind: 'flow', name: 'vip', cwd, config: 'fragment.config.js' })).toMatchObject({
      update: [],
      unregistered: [{ path: 'fragment.config.js', lines, because: expect.stringContaining('JavaScript') }],
    });

    const empty = await scratchDirectory();
    directories.push(empty);
    const generation = generate({ kind: 'flow', name: 'vip', cwd: empty });
    expect(generation.unregistered).toEqual([
      { path: 'fragment.config.ts', lines, because: 'there is no such file' },
    ]);
    expect(generation.next.slice(0, 2)).toEqual([
      'npm install @fragment/core',
      'npm install --save-dev @fragment/testing',
    ]);
  });

  it('gives a piece another name where the file has its name already', async () => {
    const cwd = await application();
    for (const kind of ['source', 'destination'] as const) await write(generate({ kind, name: 'crm', cwd }));
    const config = await readFile(path.join(cwd, 'fragment.config.ts'), 'utf8');
    expect(config).toContain(`import { crm as crmDestination } from './destinations/crm/index.js';`);
    expect(config).toContain('      crmDestination({ endpoint: set.CRM_ENDPOINT');
    expect(config).toContain(`import { defineApplication, rest, segmentflow, whenSet, writeKeysFrom }`);
  });

  it('waits for triggers that nothing can run yet', async () => {
    const cwd = await application();
    await write(generate({ kind: 'source', name: 'crm', cwd }));
    const generation = generate({ kind: 'trigger', name: 'change', mode: 'cdc', cwd });
    expect(generation.update).toEqual([]);
    expect(generation.unregistered).toMatchObject([
      { path: 'sources/crm/index.ts', because: expect.stringContaining('runner for cdc') },
    ]);
    expect(generation.create.map((file) => file.path)).toContain('sources/crm/change.md');
  });

  it('finds the only parent, and asks for one where there are several or none', async () => {
    const cwd = await application();
    const trigger = { kind: 'trigger', name: 'order', mode: 'http', cwd } as const;
    expect((await refusal(() => generate(trigger))).detail).toContain('There is no source yet');
    await write(generate({ kind: 'source', name: 'crm', cwd }));
    expect(generate(trigger).create[0]?.path).toBe('sources/crm/order.ts');
    await write(generate({ kind: 'source', name: 'shop', cwd }));
    expect((await refusal(() => generate(trigger))).detail).toBe(
      '--path is needed to choose a source: sources/crm, sources/shop.',
    );
    const action = { kind: 'action', name: 'identify', cwd, path: 'sources/crm' } as const;
    expect((await refusal(() => generate(action))).detail).toContain(
      'sources/crm is no generated destination',
    );
    expect((await refusal(() => generate({ kind: 'trigger', name: 'order', cwd }))).detail).toContain(
      '--mode',
    );
  });

  it('dates migrations to the second, in UTC', async () => {
    const cwd = await application();
    const now = new Date('2026-11-23T17:44:45.678Z');
    const { create, update } = generate({ kind: 'migration', name: 'add_users', cwd, now });
    expect(create.map((file) => file.path)).toEqual([
      'migrations/20261123174445.add_users.up.sql',
      'migrations/20261123174445.add_users.down.sql',
    ]);
    expect(update).toEqual([]);
  });
});

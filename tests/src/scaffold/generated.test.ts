import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeDirectory, scratchDirectory } from '@fragment/testing';

const root = path.resolve(import.meta.dirname, '../../..');
const require = createRequire(import.meta.url);
const folderOf = (name: string): string => path.dirname(require.resolve(`${name}/package.json`));
const cli = path.join(folderOf('@fragment/cli'), 'bin/fragment.js');
const execute = promisify(execFile);

const page = await readFile(path.join(root, 'docs/cli/generate.md'), 'utf8');
/** What the manual tells the reader to write, after the application itself. */
const documented = [...page.matchAll(/^npx fragment generate ((?!application).+)$/gm)].map(
  (match) => match[1] ?? '',
);

let scratch = '';
let app = '';

const env = (): Record<string, string> => ({ PATH: process.env['PATH'] ?? '', HOME: scratch, CI: '1' });

/** A program in the application's directory; what it printed, or an error with all of it. */
async function run(file: string, args: readonly string[], cwd = app): Promise<string> {
  try {
    const { stdout } = await execute(file, args, { cwd, env: env(), maxBuffer: 10_000_000 });
    return stdout;
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    throw new Error(`${file} ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`, { cause: error });
  }
}

const tool = (name: string): string => path.join(root, 'node_modules/.bin', name);

/** What `npm install` would bring: this machine has the packages, no registry does. */
async function install(directory: string): Promise<void> {
  const modules = path.join(directory, 'node_modules');
  for (const scope of ['@fragment', '@types', '.bin'])
    await mkdir(path.join(modules, scope), { recursive: true });
  const manifest = JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const ours = ['typescript', 'eslint', 'typescript-eslint', '@types/node'];
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
    const target = ours.includes(name) ? path.join(root, 'node_modules', name) : folderOf(name);
    await symlink(target, path.join(modules, name));
  }
  for (const name of ['tsc', 'eslint']) await symlink(tool(name), path.join(modules, '.bin', name));
}

async function generateAll(
  commands: readonly string[],
  directory: string,
  ...flags: string[]
): Promise<void> {
  for (const command of commands)
    await run(process.execPath, [cli, 'generate', ...command.split(' '), ...flags], directory);
}

beforeAll(async () => {
  scratch = await scratchDirectory();
});

afterAll(() => removeDirectory(scratch));

describe('what the manual tells to generate', () => {
  it('compiles without comments, and holds none', async () => {
    app = path.join(scratch, 'my-cdp');
    const [application] = /(?<=^npx fragment )generate application .+$/m.exec(page) ?? [''];
    await run(process.execPath, [cli, ...application.split(' '), '--no-comments'], scratch);
    await install(app);
    expect(documented).toHaveLength(10);
    const readme = await readFile(path.join(app, 'README.md'), 'utf8');
    const shown = [...readme.matchAll(/^npx fragment generate (.+)$/gm)].map((match) => match[1]);
    expect(shown.filter((command) => !documented.includes(command ?? ''))).toEqual([]);
    await generateAll(documented, app, '--no-comments');
    await run(tool('tsc'), ['--noEmit'], app);
    const files = (await readdir(app, { recursive: true })).filter(
      (file) => /\.(ts|js|sql|yml)$/.test(file) && !file.includes('node_modules'),
    );
    const commented: string[] = [];
    for (const file of files) {
      const text = await readFile(path.join(app, file), 'utf8');
      if (/^\s*(?:\/\/(?! fragment:)|\/\*|--|#(?! fragment:))/m.test(text)) commented.push(file);
    }
    expect(files.length).toBeGreaterThan(25);
    expect(commented).toEqual([]);
  }, 120_000);

  it('changes nothing in a dry run, which tells the same as the run itself', async () => {
    const before = await readdir(app, { recursive: true });
    const config = await readFile(path.join(app, 'fragment.config.ts'), 'utf8');
    const args = ['generate', 'destination', '--name', 'billing', '--json'];
    const planned = JSON.parse(await run(process.execPath, [cli, ...args, '--dry-run'])) as object;
    expect(await readdir(app, { recursive: true })).toEqual(before);
    expect(await readFile(path.join(app, 'fragment.config.ts'), 'utf8')).toBe(config);
    const other = path.join(scratch, 'other');
    await cp(app, other, { recursive: true, filter: (file) => !file.includes('node_modules') });
    const written = JSON.parse(await run(process.execPath, [cli, ...args], other)) as object;
    expect(planned).toEqual({ ...written, dry_run: true, root: app });
    expect(planned).toMatchObject({
      kind: 'destination',
      name: 'billing',
      updated: [{ path: 'fragment.config.ts' }, { path: '.env.example' }],
      unregistered: [],
    });
  }, 60_000);
});

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { waitFor } from '@fragment/testing';
import ts from 'typescript';
import { packages, root } from './tarballs.js';

/** The first block of TypeScript of a package's README: how it is used. */
export function usageOf(name: string): string {
  const readme = readFileSync(path.join(root, 'packages', name, 'README.md'), 'utf8');
  const block = /^```ts\n(.*?)^```$/ms.exec(readme)?.[1];
  if (block === undefined) throw new Error(`The README of ${name} shows no usage.`);
  return block;
}

/** Makes a project that has every package, and what a reader adds, as if npm had installed them. */
export function project(directory: string, added: Readonly<Record<string, string>>): void {
  const link = (name: string, target: string): void => {
    const from = path.join(directory, 'node_modules', name);
    mkdirSync(path.dirname(from), { recursive: true });
    symlinkSync(target, from);
  };
  for (const name of packages)
    link(name === 'create-fragment' ? name : `@fragment/${name}`, path.join(root, 'packages', name));
  for (const [name, dependent] of Object.entries(added))
    link(name, realpathSync(path.join(root, dependent, 'node_modules', name)));
  writeFileSync(path.join(directory, 'package.json'), '{ "type": "module" }');
}

/** Compiles every program of a project at once, strictly; what is wrong with them, in the compiler's words. */
export function compile(directory: string, programs: Readonly<Record<string, string>>): string {
  const files = Object.entries(programs).map(([name, text]) => {
    const file = path.join(directory, `${name}.ts`);
    writeFileSync(file, text);
    return file;
  });
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [path.join(directory, 'node_modules/@types')],
  });
  const { diagnostics } = program.emit();
  return ts.formatDiagnostics([...ts.getPreEmitDiagnostics(program), ...diagnostics], {
    getCanonicalFileName: (file) => file,
    getCurrentDirectory: () => directory,
    getNewLine: () => '\n',
  });
}

/**
 * Runs a program, which must end by itself and without a fault: a service after it was told to, once the condition holds
 * for what it has said. At the end it holds in any case.
 */
export async function runs(
  args: readonly string[],
  o: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly service: boolean;
    readonly until: (said: string) => boolean | Promise<boolean>;
  },
): Promise<void> {
  const child = spawn(process.execPath, args, { cwd: o.cwd, env: o.env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  let end: number | NodeJS.Signals | null | undefined;
  child.once('close', (code, signal) => (end = code ?? signal));
  const reaches = (condition: () => boolean | Promise<boolean>): Promise<unknown> =>
    waitFor(async () => end !== undefined || (await condition()), { timeoutMs: 60_000, intervalMs: 50 });
  try {
    if (o.service) {
      await reaches(() => o.until(said));
      child.kill('SIGTERM');
    }
    await reaches(() => false);
  } catch {
    child.kill('SIGKILL');
  }
  if (end !== 0 || !(await o.until(said)))
    throw new Error(`${args.join(' ')} ended with ${String(end)}: ${said}`);
}

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { removeDirectory, requiring, scratchDirectory } from '@fragment/testing';
import { KEYS, onTerminal, type Terminal } from './terminal.fixture.js';

const require = createRequire(import.meta.url);
const folderOf = (name: string): string => path.dirname(require.resolve(`${name}/package.json`));
const fragment = [process.execPath, path.join(folderOf('@fragment/cli'), 'bin/fragment.js')];
const create = [process.execPath, path.join(folderOf('create-fragment'), 'bin/create-fragment.js')];

const describeOnTerminal = await requiring('terminal', describe);

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function directoryWith(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const directory = await scratchDirectory();
  cleanups.push(() => removeDirectory(directory));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
    await writeFile(path.join(directory, name), text);
  }
  return directory;
}

function typing(cwd: string, command: readonly string[], env?: Record<string, string>): Terminal {
  const terminal = onTerminal(cwd, command, env);
  cleanups.push(() => terminal.end());
  return terminal;
}

const NAME = 'What is it called?';
const DESTINATIONS = 'Where do events go?';

describeOnTerminal('npm create fragment', () => {
  it('asks two questions, and writes what was answered', async () => {
    const cwd = await directoryWith();
    const terminal = typing(cwd, create);
    await terminal.answer(NAME, `shop${KEYS.enter}`);
    await terminal.answer(DESTINATIONS, `${KEYS.down}${KEYS.space}${KEYS.enter}`);
    expect(await terminal.code).toBe(0);
    expect(terminal.text()).toContain('Created shop (9 files)');
    const config = await readFile(path.join(cwd, 'shop/fragment.config.ts'), 'utf8');
    expect(config).toContain('@fragment/destination-mailchimp');
    expect(config).not.toContain('@fragment/destination-amplitude');
  }, 60_000);

  it('has a default for both, and says at once that a name will not do', async () => {
    const cwd = await directoryWith();
    const terminal = typing(cwd, create);
    await terminal.answer(NAME, `My${KEYS.enter}`);
    await terminal.answer('It must be lower-case letters', `\u0015${KEYS.enter}`);
    await terminal.answer(DESTINATIONS, KEYS.enter);
    expect(await terminal.code).toBe(0);
    expect(await readdir(cwd)).toEqual(['my-cdp']);
  }, 60_000);

  it.each([
    [NAME, []],
    [DESTINATIONS, ['shop']],
  ])(
    'ends with 130 and nothing written when Ctrl-C answers "%s"',
    async (question, args) => {
      const cwd = await directoryWith();
      const terminal = typing(cwd, [...create, ...args]);
      await terminal.answer(question, KEYS.interrupt);
      expect(await terminal.code).toBe(130);
      expect(await readdir(cwd)).toEqual([]);
    },
    60_000,
  );

  it('asks nothing that a flag has answered, and nothing at all in CI or with --yes', async () => {
    const cwd = await directoryWith();
    const answered = typing(cwd, [...create, '--name', 'a', '--destinations', 'webhook']);
    const hurried = typing(cwd, [...create, 'b', '--yes']);
    const inCi = typing(cwd, create, { CI: '1' });
    expect(await Promise.all([answered.code, hurried.code, inCi.code])).toEqual([0, 0, 2]);
    for (const { text } of [answered, hurried, inCi]) {
      expect(text()).not.toContain(NAME);
      expect(text()).not.toContain(DESTINATIONS);
    }
    expect((await readdir(cwd)).sort()).toEqual(['a', 'b']);
  }, 60_000);
});

describeOnTerminal('fragment generate', () => {
  it('asks for name, mode and source of a trigger', async () => {
    const source =
      'export function a() {\n  return [\n    // fragment:triggers\n  ];\n}\n// fragment:imports\n';
    const files = { 'sources/shop/index.ts': source, 'sources/store/index.ts': source };
    const cwd = await directoryWith({ 'fragment.config.ts': 'export default {};', ...files });
    const terminal = typing(cwd, [...fragment, 'generate', 'trigger']);
    await terminal.answer('What is the trigger called?', `paid${KEYS.enter}`);
    await terminal.answer('How does its data arrive?', `${KEYS.down}${KEYS.enter}`);
    await terminal.answer('Where does the trigger belong?', `${KEYS.down}${KEYS.enter}`);
    expect(await terminal.code).toBe(0);
    const trigger = await readFile(path.join(cwd, 'sources/store/paid.ts'), 'utf8');
    expect(trigger).toContain(`mode: 'cron'`);
    expect(existsSync(path.join(cwd, 'sources/shop/paid.ts'))).toBe(false);
  }, 60_000);

  it('ends with 130 and nothing written at Ctrl-C, and names the flag where nobody can be asked', async () => {
    const cwd = await directoryWith({ 'fragment.config.ts': 'export default {};' });
    const terminal = typing(cwd, [...fragment, 'generate', 'flow']);
    await terminal.answer('What is the flow called?', KEYS.interrupt);
    const inCi = typing(cwd, [...fragment, 'generate', 'flow'], { CI: 'true' });
    expect(await Promise.all([terminal.code, inCi.code])).toEqual([130, 2]);
    expect(inCi.text()).toContain('--name is needed');
    expect(await readdir(cwd)).toEqual(['fragment.config.ts']);
  }, 60_000);
});

describeOnTerminal('fragment jobs', () => {
  it.each([
    ['y\r', 0, 'Ordered to discard 3 jobs'],
    ['\r', 1, 'Nothing was changed.'],
    [KEYS.interrupt, 130, 'Nothing was changed.'],
  ])(
    'asks before anything is changed: %j ends it with %i',
    async (keys, code, text) => {
      const asked: string[] = [];
      const url = await answering((req, res) => {
        asked.push(path.basename(req.url ?? ''));
        res.end(JSON.stringify({ data: { id: 'o', count: 3, total: 3, total_is_capped: false } }));
      });
      const terminal = typing(await directoryWith(), [...fragment, 'jobs', 'discard', '--all', '--url', url]);
      await terminal.answer('Discard 3 jobs? [y/N]', keys);
      expect(await terminal.code).toBe(code);
      expect(terminal.text()).toContain(text);
      expect(asked).toEqual(code === 0 ? ['preview', 'bulks'] : ['preview']);
    },
    60_000,
  );
});

describeOnTerminal('fragment users', () => {
  it.each([
    ['u1\r', 0, 'Erased 2 events, 3 jobs, 0 rejections.'],
    ['yes\r', 1, 'Nothing was erased.'],
  ])(
    'erases nobody before the id was typed again: %j ends it with %i',
    async (keys, code, text) => {
      const asked: string[] = [];
      const receipt = {
        id: 'r',
        at: '2026-01-01T00:00:00.000Z',
        subject: '',
        events: 2,
        jobs: 3,
        rejections: 0,
      };
      const url = await answering((req, res) => {
        asked.push(req.url ?? '');
        res.end(JSON.stringify({ data: receipt }));
      });
      const terminal = typing(await directoryWith(), [...fragment, 'users', 'erase', 'u1', '--url', url]);
      await terminal.answer('Delete everything of u1 for good? Type u1 to do that:', keys);
      expect(await terminal.code).toBe(code);
      expect(terminal.text()).toContain(text);
      expect(asked).toEqual(code === 0 ? ['/admin/api/users/u1/erase'] : []);
    },
    60_000,
  );
});

/** Where a server listens that answers everything so. */
async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describeOnTerminal('errors', () => {
  it('are red, unless NO_COLOR, --no-color, or a dumb terminal forbid it', async () => {
    const cwd = await directoryWith();
    const shown = async (args: readonly string[], env: Record<string, string> = {}): Promise<string> => {
      const terminal = typing(cwd, [...fragment, 'check', ...args], env);
      expect(await terminal.code).toBe(3);
      return terminal.raw();
    };
    const [coloured, ...plain] = await Promise.all([
      shown([]),
      shown([], { NO_COLOR: '1' }),
      shown(['--no-color']),
      shown([], { TERM: 'dumb' }),
    ]);
    expect(coloured).toContain('\u001b[31merror FRAGMENT_CONFIG_NOT_FOUND\u001b[39m');
    for (const text of plain) {
      expect(text).toContain('error FRAGMENT_CONFIG_NOT_FOUND');
      expect(text).not.toContain('\u001b');
    }
  }, 60_000);
});

describeOnTerminal('completion', () => {
  it('completes commands, flags and names of the configuration in bash', async () => {
    const cwd = await directoryWith({
      'fragment.config.js': `
        export default {
          destinations: [
            { name: 'crm', accepts: 'segment', actions: [{ name: 'identify', load: async () => [] }] },
            { name: 'warehouse', missing: ['KEY'], destination: 'warehouse', begun: false },
          ],
        };`,
      'notes.json': '{}',
      'bin/fragment': `#!/bin/sh
case "$1" in
  completion | __complete) exec ${fragment.map((word) => `'${word}'`).join(' ')} "$@" ;;
  *) echo "ran <$*>" ;;
esac
`,
    });
    await chmod(path.join(cwd, 'bin/fragment'), 0o755);
    const bash = typing(cwd, ['bash', '--noprofile', '--norc', '-i'], {
      PATH: `${path.join(cwd, 'bin')}:${process.env['PATH'] ?? ''}`,
      PS1: 'ready> ',
      INPUTRC: '/dev/null',
    });
    await bash.answer('ready>', `eval "$(fragment completion bash)"${KEYS.enter}`);
    const typed = [
      [
        'fragment jo\tli\t--dest\tcr\t--act\tid\t--stat\tfai\t',
        'jobs list --destination crm --action identify --status failed',
      ],
      ['fragment dest\tpa\tcr\t', 'destinations pause crm'],
      ['fragment test ware\t--ev\tno\t', 'test warehouse --event notes.json'],
      ['fragment generate tri\t--mo\tcr\t', 'generate trigger --mode cron'],
    ] as const;
    for (const [keys, meant] of typed) {
      await bash.answer('ready>', keys + KEYS.enter);
      await bash.answer(`ran <${meant}`, '');
    }
    await bash.answer('ready>', `fragment completion po\t${KEYS.enter}`);
    await bash.answer('Register-ArgumentCompleter', '');
    await bash.answer('ready>', `exit${KEYS.enter}`);
    expect(await bash.code).toBe(0);
  }, 120_000);
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { waitFor } from '@fragment/testing';

/** A program on a terminal of its own, and somebody who types. */
export interface Terminal {
  /** What it shows, without colours and movements. */
  readonly text: () => string;
  /** The same with them. */
  readonly raw: () => string;
  /** Waits until it shows the text, after what was waited for before, and types. */
  readonly answer: (text: string, keys: string) => Promise<void>;
  readonly code: Promise<number | null>;
  end(): Promise<void>;
}

export const KEYS = { enter: '\r', tab: '\t', down: '\u001b[B', space: ' ', interrupt: '\u0003' } as const;

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** `script` of util-linux gives it a pseudo terminal: Node has none of its own. */
export function onTerminal(
  cwd: string,
  command: readonly string[],
  env: Record<string, string> = {},
): Terminal {
  // A terminal that nobody looks at has no columns.
  const line = `stty cols 120 rows 40; exec ${command.map(quoted).join(' ')}`;
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let read = 0;
  child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  const code = once(child, 'close').then(([status]) => status as number | null);
  const text = (): string => stripVTControlCharacters(shown);
  return {
    text,
    raw: () => shown,
    async answer(expected, keys) {
      const seen = (): boolean => text().includes(expected, read);
      await waitFor(seen, { timeoutMs: 30_000 }).catch((cause: unknown) => {
        throw new Error(`"${expected}" did not come: ${text().slice(read)}`, { cause });
      });
      read = text().indexOf(expected, read) + expected.length;
      child.stdin.write(keys);
    },
    code,
    async end() {
      child.kill('SIGKILL');
      await code;
    },
  };
}

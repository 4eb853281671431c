import path from 'node:path';
import { findConfig } from '../config.js';
import { Generation } from '../dev/generation.js';
import { watchProject } from '../dev/watch.js';
import { EXIT } from '../exit-codes.js';
import type { DevFlags } from '../flags.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Runs the application, and a new one whenever a file of the project has changed, until it is told to stop. */
export async function dev(flags: DevFlags): Promise<number> {
  const directory = path.dirname(findConfig(flags));
  const news = new News();
  const watch = watchProject(directory, (files) => news.changed(files));
  let generation: Generation | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    news.told();
    generation?.signal(signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    for (let first = true; !news.isTold(); first = false) {
      generation = new Generation(flags);
      const code = await Promise.race([generation.ended, news.next()]);
      if (news.isTold()) return await generation.ended;
      if (code === undefined) await generation.stop();
      else if (isFinal(code, first && !generation.started)) return code;
      else {
        process.stderr.write(`It ended with exit code ${code}. Waiting for a change of its files.\n`);
        await news.next();
      }
      process.stderr.write(news.take());
    }
    return EXIT.ok;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    watch.close();
  }
}

/** What is wrong with the files can be mended in them; a port that is taken at the very start can not. */
const isFinal = (code: number, neverStarted: boolean): boolean =>
  code === EXIT.interrupted || code === EXIT.terminated || (neverStarted && code !== EXIT.config);

/** Files that have changed, and whether it is time to stop. */
class News {
  #files: readonly string[] = [];
  #told = false;
  #wake: () => void = () => undefined;

  isTold(): boolean {
    return this.#told;
  }

  /** Resolves when there is something. */
  async next(): Promise<undefined> {
    if (!this.#told && this.#files.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  changed(files: readonly string[]): void {
    this.#files = [...new Set([...this.#files, ...files])];
    this.#wake();
  }

  told(): void {
    this.#told = true;
    this.#wake();
  }

  /** Says what changed, once. */
  take(): string {
    const files = this.#files;
    this.#files = [];
    return files.length === 0 ? '' : `\nChanged: ${files.join(', ')}. Starting again.\n`;
  }
}

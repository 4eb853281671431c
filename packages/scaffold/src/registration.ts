import type { ChangedFile, Unregistered } from './generation.js';
import { capitalised } from './names.js';
import { textOf, type Project } from './project.js';
import type { Kind } from './request.js';
import { addImport, addLines, type SlotLine } from './slots.js';

/** How a new piece is told to a file that is there already. */
export interface Registration {
  /** Relative to the project's root. */
  readonly path: string;
  /** The lines, made for the text they are added to; all of them are added, or none. */
  readonly lines: (text: string) => readonly SlotLine[];
  /** A name that the lines use, and the package it comes from. */
  readonly uses?: readonly [name: string, module: string];
  /** Why it must not be added; the author is told the lines instead. */
  readonly waits?: string;
  /** Nothing is told when the file has no place for it. */
  readonly optional?: boolean;
}

export interface Registered {
  readonly update: readonly ChangedFile[];
  readonly unregistered: readonly Unregistered[];
}

/** Adds the lines to texts, and tells the others. Writes nothing. */
export function register(project: Project, registrations: readonly Registration[]): Registered {
  const changed = new Map<string, ChangedFile>();
  const unregistered: Unregistered[] = [];
  for (const registration of registrations) {
    const { path, optional } = registration;
    const before = textOf(project, path);
    const text = changed.get(path)?.text ?? before;
    const attempt = tryOn(registration, text);
    if (attempt.text === undefined || before === undefined) {
      if (!optional) unregistered.push({ path, lines: attempt.lines, because: attempt.because });
      continue;
    }
    const earlier = changed.get(path)?.lines ?? [];
    changed.set(path, { path, before, text: attempt.text, lines: [...earlier, ...attempt.lines] });
  }
  return { update: [...changed.values()], unregistered };
}

interface Attempt {
  /** undefined: it cannot be added. */
  readonly text: string | undefined;
  readonly lines: readonly string[];
  readonly because: string;
}

function tryOn({ lines, uses, waits, path }: Registration, text: string | undefined): Attempt {
  const used = uses && text !== undefined ? addImport(text, ...uses) : { text: text ?? '', lines: [] };
  const all = [...used.lines, ...lines(used.text)];
  const shown = all.flatMap(({ line }) => line.split('\n'));
  if (waits !== undefined) return { text: undefined, lines: shown, because: waits };
  if (text === undefined) return { text: undefined, lines: shown, because: 'there is no such file' };
  if (path.endsWith('js')) {
    return { text: undefined, lines: shown, because: 'it is JavaScript, which imports no TypeScript' };
  }
  if (path.endsWith('.json')) {
    return {
      text: undefined,
      lines: shown,
      because: 'it is JSON, which holds no code: fragment.config.ts does',
    };
  }
  const marks = [...new Set(all.map(({ slot }) => `fragment:${slot}`))].join(' and ');
  return { text: addLines(used.text, all), lines: shown, because: `it lacks the marks ${marks}` };
}

/** The import of a piece, under another name where the file uses its name for something else. */
export function imported(
  text: string,
  { id, kind, from }: { readonly id: string; readonly kind: Kind; readonly from: string },
): { readonly local: string; readonly line: SlotLine } {
  const local = new RegExp(`\\b${id}\\b`).test(text) ? `${id}${capitalised(kind)}` : id;
  const name = local === id ? id : `${id} as ${local}`;
  return { local, line: { slot: 'imports', line: `import { ${name} } from '${from}';` } };
}

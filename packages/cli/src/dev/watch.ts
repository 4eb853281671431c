import { readdirSync, statSync, watch, type FSWatcher } from 'node:fs';
import path from 'node:path';

const SETTLE_MS = 150;
const RELEVANT = /(^\.env(\..+)?|\.([cm]?[jt]s|json|sql))$/;
const IGNORED = /^(\..*|node_modules|dist|coverage)$/;

/** Watches the files of a project. */
export interface ProjectWatch {
  close(): void;
}

/**
 * Calls `onChange` with the files that changed, once they have been still for a moment. A watcher per directory, since a
 * recursive one would walk node_modules too.
 */
export function watchProject(directory: string, onChange: (files: readonly string[]) => void): ProjectWatch {
  const watchers = new Map<string, FSWatcher>();
  const signatures = new Map<string, string>();
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const report = (): void => {
    const files = [...changed].map((file) => path.relative(directory, file));
    changed.clear();
    onChange(files);
  };
  /** Notes what a path is now; true when that is something new. */
  const differs = (file: string): boolean => {
    const now = signatureOf(file);
    const before = signatures.get(file);
    if (now === undefined) signatures.delete(file);
    else signatures.set(file, now);
    return now !== before;
  };
  const onEvent = (file: string): void => {
    if (!IGNORED.test(path.basename(file)) && isDirectory(file)) {
      if (!watchers.has(file)) add(file, 'new');
      return;
    }
    if (!RELEVANT.test(path.basename(file)) || !differs(file)) return;
    changed.add(file);
    clearTimeout(timer);
    timer = setTimeout(report, SETTLE_MS);
  };
  const add = (folder: string, age: 'known' | 'new'): void => {
    const watcher = watch(folder, (_event, name) => {
      if (name !== null) onEvent(path.join(folder, name));
    });
    const forget = (): void => {
      watcher.close();
      watchers.delete(folder);
    };
    // It was removed, or the system watches too much already.
    watcher.on('error', forget);
    watchers.set(folder, watcher);
    for (const name of namesIn(folder)) {
      const file = path.join(folder, name);
      if (isDirectory(file)) {
        if (!IGNORED.test(name) && !watchers.has(file)) add(file, age);
      } else if (age === 'new') onEvent(file);
      else if (RELEVANT.test(name)) differs(file);
    }
  };

  add(directory, 'known');
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

/** undefined for a file that is not there: it may vanish at any time. */
function signatureOf(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat && `${stat.mtimeMs} ${stat.size}`;
}

const isDirectory = (file: string): boolean =>
  statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoadedCase } from './case.js';
import { caseProblems } from './check-case.js';

/**
 * Reads every `*.json` of a directory, each a list of cases, in the order of their names.
 *
 * @throws {Error} with everything that is wrong in any of them: JSON, unknown keys, contradictions, a name used twice.
 */
export async function loadCases(directory: URL | string): Promise<readonly LoadedCase[]> {
  const folder = directory instanceof URL ? fileURLToPath(directory) : directory;
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  const cases: LoadedCase[] = [];
  const problems: string[] = files.length === 0 ? ['there is no *.json'] : [];
  for (const file of files) {
    const read = readList(await readFile(path.join(folder, file), 'utf8'), file, problems);
    read.forEach((entry, index) => {
      const wrong = caseProblems(entry, `${file}[${index}]`);
      problems.push(...wrong);
      if (wrong.length === 0) cases.push({ ...(entry as LoadedCase), file });
    });
  }
  problems.push(...repeatedNames(cases));
  if (problems.length > 0)
    throw new Error(
      `The cases in ${folder} cannot be used:\n${problems.map((one) => `  ${one}`).join('\n')}`,
    );
  return cases;
}

function readList(json: string, file: string, problems: string[]): readonly unknown[] {
  try {
    const value = JSON.parse(json) as unknown;
    if (Array.isArray(value)) return value;
    problems.push(`${file} must be a list of cases`);
  } catch (error) {
    problems.push(`${file} is not JSON: ${String(error)}`);
  }
  return [];
}

function repeatedNames(cases: readonly LoadedCase[]): string[] {
  const first = new Map<string, LoadedCase>();
  return cases.flatMap((one) => {
    const other = first.get(one.name);
    first.set(one.name, other ?? one);
    return other ? [`${one.file}: the name "${one.name}" is used in ${other.file} already`] : [];
  });
}

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import { withoutComments } from './comments.js';
import type { NewFile } from './generation.js';

const directory = fileURLToPath(new URL('../templates/', import.meta.url));
// What is written is code, not HTML. Line ends are the template's own, but where a tag ends with `-%>`.
const eta = new Eta({ autoEscape: false, autoTrim: false });

/** Of each file its template, below `templates/`, and its path. */
export type FileList = readonly (readonly [template: string, path: string])[];

/** The files, made from their templates. */
export function rendered(files: FileList, values: object, comments = true): NewFile[] {
  return files.map(([template, to]) => {
    const source = readFileSync(path.join(directory, `${template}.eta`), 'utf8');
    const text = eta.renderString(source, values);
    return { path: to, text: comments ? text : withoutComments(to, text) };
  });
}

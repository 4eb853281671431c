import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pages, root } from './pages.js';

const documented = pages();
const withoutCode = (text: string): string =>
  text.replaceAll(/^```[^]*?^```$/gm, '').replaceAll(/`[^`\n]+`/g, '');

/** Links and images of a page that lead to files, not to other hosts. */
const linksOf = (text: string): readonly string[] =>
  [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

/** What GitHub makes of a heading; of two that are the same, the second gets `-1`. */
function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let n = 1; anchors.has(anchor); n += 1) anchor = `${slug}-${n}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Why a link is dead; undefined when it is not. */
function problemWith(page: string, target: string): string | undefined {
  const [name = '', anchor] = target.split('#');
  const file = name === '' ? page : path.posix.join(path.posix.dirname(page), decodeURI(name));
  if (!existsSync(path.join(root, file))) return `${page}: ${target}: there is no ${file}`;
  if (anchor === undefined || !file.endsWith('.md')) return undefined;
  const text = documented.get(file) ?? readFileSync(path.join(root, file), 'utf8');
  return anchorsOf(text).has(anchor) ? undefined : `${page}: ${target}: ${file} has no such heading`;
}

describe('links of the pages', () => {
  it('lead to files and headings that exist', () => {
    const all = [...documented].flatMap(([page, text]) => linksOf(text).map((target) => ({ page, target })));
    expect(all.map(({ page, target }) => problemWith(page, target)).filter(Boolean)).toEqual([]);
    expect(all.length).toBeGreaterThan(200);
  });

  it('lead from the first page and from the index of docs to every page of docs', () => {
    const reached = (start: string): ReadonlySet<string> => {
      const seen = new Set([start]);
      for (const page of seen)
        for (const target of linksOf(documented.get(page) ?? '')) {
          const file = path.posix.join(path.posix.dirname(page), target.split('#')[0] ?? '');
          if (documented.has(file)) seen.add(file);
        }
      return seen;
    };
    const docs = [...documented.keys()].filter((page) => page.startsWith('docs/'));
    for (const start of ['README.md', 'docs/README.md'])
      expect(docs.filter((page) => !reached(start).has(page))).toEqual([]);
  });

  it('of error codes in the documentation name codes that exist', () => {
    const known = new Set(
      [...(documented.get('docs/errors.md') ?? '').matchAll(/^### (FRAGMENT_\w+)$/gm)].map(
        ([, code]) => code,
      ),
    );
    const areas = new Set([...known].map((code) => code?.split('_')[1]));
    const variables =
      /^FRAGMENT_(?:DATA_DIR|HOST|GATEWAY_PORT|SCHEDULER_PORT|WRITE_KEYS|ADMIN_TOKENS?|LOG_LEVEL|TEST_\w+|DEV)$/;
    const wrong = [...documented].flatMap(([page, text]) =>
      [...text.matchAll(/\bFRAGMENT_[A-Z]+_[A-Z_]*[A-Z]\b/g)]
        .map(([code]) => code)
        .filter((code) => !known.has(code) && !variables.test(code) && areas.has(code.split('_')[1]))
        .map((code) => `${page}: ${code}`),
    );
    expect(wrong).toEqual([]);
  });
});

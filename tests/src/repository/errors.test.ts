import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { errorRegistry } from '@fragment/core';

const root = path.resolve(import.meta.dirname, '../../..');
const page = readFileSync(path.join(root, 'docs/errors.md'), 'utf8');
const codes = Object.keys(errorRegistry).sort();

/** Names of settings and of the project's own test switches, which look like codes. */
const ENVIRONMENT =
  /^FRAGMENT_(DATA_DIR|HOST|GATEWAY_PORT|SCHEDULER_PORT|WRITE_KEYS|ADMIN_TOKENS?|LOG_LEVEL|TEST_[A-Z_]*|FUZZ_RUNS|MODEL_RUNS)$/;

const sources = ['packages', 'apps', 'examples'].flatMap((dir) =>
  readdirSync(path.join(root, dir), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|mjs)$/.test(file) && !/(^|\/)(node_modules|dist)\//.test(file))
    .map((file) => path.join(root, dir, file)),
);

describe('error codes', () => {
  it('are all documented, and nothing else is', () => {
    const documented = [...page.matchAll(/^### (FRAGMENT_[A-Z0-9_]+)$/gm)].map((match) => match[1]);
    expect([...documented].sort()).toEqual(codes);
  });

  it('say in the manual what they say in the code', () => {
    const wrong = Object.entries(errorRegistry).filter(([code, row]) => {
      const section = page.split(`### ${code}\n`)[1]?.split('\n### ')[0] ?? '';
      return (
        !section.includes(row.message) ||
        !section.includes(row.advice) ||
        !section.includes(`\`${row.status}\``)
      );
    });
    expect(wrong.map(([code]) => code)).toEqual([]);
  });

  it('are registered wherever the sources name one, and every one is used', () => {
    const named = new Set<string>();
    for (const file of sources) {
      if (file.includes('/errors/registry/')) continue;
      for (const [code] of readFileSync(file, 'utf8').matchAll(/\bFRAGMENT_[A-Z0-9_]*[A-Z0-9]\b(?!_)/g))
        named.add(code);
    }
    const known = new Set<string>(codes);
    expect([...named].filter((code) => !known.has(code) && !ENVIRONMENT.test(code))).toEqual([]);
    expect(codes.filter((code) => !named.has(code))).toEqual([]);
  });
});

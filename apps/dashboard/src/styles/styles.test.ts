import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';

const sources = path.join(import.meta.dirname, '..');
const sheets = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.css'),
);

describe('the styles of the pages', () => {
  it('define no class in two places: a page keeps its styles when another one is shown', () => {
    const places = new Map<string, Set<string>>();
    for (const sheet of sheets) {
      // What a sheet defines begins a line; what it says about others' parts comes after its own.
      for (const [, name = ''] of readFileSync(path.join(sources, sheet), 'utf8').matchAll(/^\.([a-z-]+)/gm))
        places.set(name, (places.get(name) ?? new Set()).add(sheet));
    }
    expect(places.size).toBeGreaterThan(100);
    expect([...places].filter(([, at]) => at.size > 1).map(([name, at]) => [name, ...at])).toEqual([]);
  });
});

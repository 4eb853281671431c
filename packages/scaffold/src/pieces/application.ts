import path from 'node:path';
import type { Generation } from '../generation.js';
import { namesOf } from '../names.js';
import type { GenerateRequest } from '../request.js';
import { rendered } from '../templates.js';
import { manifestOf } from './manifest.js';
import { vendorEntries } from './vendors.js';
import { registeredWhenSet } from './when-set.js';

const FILES = [
  ['application/fragment.config.ts', 'fragment.config.ts'],
  ['application/fragment.config.test.ts', 'fragment.config.test.ts'],
  ['application/tsconfig.json', 'tsconfig.json'],
  ['application/eslint.config.js', 'eslint.config.js'],
  ['application/docker-compose.yml', 'docker-compose.yml'],
  ['application/env.example', '.env.example'],
  ['application/gitignore', '.gitignore'],
  ['application/README.md', 'README.md'],
] as const;

/** A whole application, in a directory that is new or empty. */
export function application(request: GenerateRequest): Generation {
  const { name, cwd, comments, destinations = [] } = request;
  const root = path.resolve(cwd, request.path ?? name);
  const vendors = [...new Set(destinations)].map((id) => {
    const entry = vendorEntries[id];
    const code = registeredWhenSet('env', id, entry.variables, `${id}(${entry.options})`);
    return { id, ...entry, code: code.replaceAll('\n', '\n    ') };
  });
  const values = { ...namesOf(name, 'application'), vendors };
  return {
    kind: 'application',
    name,
    root,
    create: [{ path: 'package.json', text: manifestOf(request) }, ...rendered(FILES, values, comments)],
    update: [],
    unregistered: [],
    next: [...enter(cwd, root), 'npm install', 'npm run dev'],
  };
}

function enter(cwd: string, root: string): readonly string[] {
  const way = path.relative(path.resolve(cwd), root);
  return way === '' ? [] : [`cd ${/^[\w./\\-]+$/.test(way) ? way : JSON.stringify(way)}`];
}

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../../..');

const PLACES = ['.', 'docs', 'packages/*', 'apps/*', 'examples', 'examples/*', 'bench', 'grafana'];

/** Every page that a reader is meant to read, by its path from the root. */
export function pages(): ReadonlyMap<string, string> {
  const files = PLACES.flatMap((place) => {
    if (place === 'docs') return below(place);
    const directories = place.endsWith('/*') ? directoriesIn(place.slice(0, -2)) : [place];
    return directories.flatMap((directory) => markdownIn(directory));
  });
  return new Map(files.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]));
}

const directoriesIn = (group: string): readonly string[] =>
  readdirSync(path.join(root, group), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => path.posix.join(group, name));

const markdownIn = (directory: string): readonly string[] =>
  readdirSync(path.join(root, directory))
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.posix.join(directory, name));

const below = (directory: string): readonly string[] => [
  ...markdownIn(directory),
  ...directoriesIn(directory).flatMap(below),
];

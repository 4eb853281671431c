import { existsSync, readdirSync } from 'node:fs';
import { project } from './config/jest-preset.mjs';

const groups = ['packages', 'apps', 'examples'];
const dirs = [
  ...groups.flatMap((group) =>
    existsSync(new URL(group, import.meta.url))
      ? readdirSync(new URL(group, import.meta.url)).map((name) => `${group}/${name}`)
      : [],
  ),
  'bench',
  'tests',
].filter((dir) => existsSync(new URL(`${dir}/src`, import.meta.url)));

export default {
  // Jest's own default is one worker on a two-core machine.
  maxWorkers: 2,
  coverageProvider: 'v8',
  testTimeout: 30_000,
  projects: dirs.map((dir) => ({
    ...project,
    displayName: dir.split('/').pop(),
    rootDir: new URL(dir, import.meta.url).pathname,
  })),
};

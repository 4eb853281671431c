// Reads what a packed package holds. A tarball of npm's is a gzipped tar of plain files below `package/`.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const block = 512;

/** The files of a tarball in their order: `{ name, data }`, names without the leading `package/`. */
export function filesOf(tarball) {
  const tar = gunzipSync(readFileSync(tarball));
  const files = [];
  const text = (at, length) => tar.toString('utf8', at, at + length).replace(/\0.*$/s, '');
  for (let at = 0; at < tar.length && tar[at] !== 0;) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const name = [text(at + 345, 155), text(at, 100)].filter((part) => part !== '').join('/');
    const type = text(at + 156, 1);
    if (type !== '0' && type !== '')
      throw new Error(`${tarball} holds more than plain files: ${name} (${type})`);
    files.push({ name: name.replace(/^package\//, ''), data: tar.subarray(at + block, at + block + size) });
    at += block + Math.ceil(size / block) * block;
  }
  return files;
}

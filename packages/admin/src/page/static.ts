import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { dashboardMissing } from './missing.js';

const DIRECTORY = new URL('../../static/', import.meta.url);
const BASE = '__FRAGMENT_BASE__';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** As Accept-Encoding and Content-Encoding name them. */
type Encoding = 'br' | 'gzip';

interface Asset {
  readonly type: string;
  readonly body: Buffer;
  /** Packed when it is first asked for, so that a start waits for nothing; undefined where packing gains little. */
  readonly packed: ((encoding: Encoding) => Buffer) | undefined;
  readonly cache: string;
}

/** Answers a GET of the page or of a file of it; false for what is neither. `below` is the path below the base path. */
export type PageHandler = (
  req: IncomingMessage,
  res: ServerResponse,
  below: string,
  headers: Readonly<Record<string, string>>,
) => boolean;

/**
 * The built dashboard, read once and kept. Without one, a page that says how to build it.
 * @param directory where it was built; default: beside this package's code.
 */
export function pageHandler(basePath: string, directory: URL = DIRECTORY): PageHandler {
  const assets = readAssets(basePath, directory);
  const index = assets.get('/index.html') ?? htmlAsset(dashboardMissing(basePath));
  return (req, res, below, headers) => {
    // The id of a job has a dot in it too.
    const isFile = Object.hasOwn(TYPES, path.extname(below));
    const asset = isFile ? assets.get(below) : index;
    if (!asset) return false;
    const encoding = asset.packed ? accepted(req) : undefined;
    const body = encoding && asset.packed ? asset.packed(encoding) : asset.body;
    res.writeHead(200, {
      ...headers,
      'content-type': asset.type,
      'cache-control': asset.cache,
      'content-length': body.length,
      ...(asset.packed ? { vary: 'Accept-Encoding' } : {}),
      ...(encoding ? { 'content-encoding': encoding } : {}),
    });
    res.end(req.method === 'HEAD' ? undefined : body);
    return true;
  };
}

function readAssets(basePath: string, directory: URL): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>();
  for (const name of filesBelow(fileURLToPath(directory))) {
    const key = `/${name.split(path.sep).join('/')}`;
    const type = TYPES[path.extname(name)];
    if (type === undefined) continue;
    const raw = readFileSync(new URL(name, directory));
    const hashed = key.startsWith('/assets/');
    assets.set(key, {
      type,
      ...packed(key === '/index.html' ? Buffer.from(raw.toString().replaceAll(BASE, basePath)) : raw, type),
      // A name that holds the hash of its file never means another file.
      cache: hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
  }
  return assets;
}

/** Relative names of all files; none where there is no such directory. */
function filesBelow(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)));
  } catch {
    return [];
  }
}

const htmlAsset = (html: string): Asset => ({
  type: 'text/html; charset=utf-8',
  ...packed(Buffer.from(html), 'text/html'),
  cache: 'no-cache',
});

function packed(body: Buffer, type: string): Pick<Asset, 'body' | 'packed'> {
  const worth = body.length > 1_000 && /^(text|application)\/|svg/.test(type);
  return { body, packed: worth ? packer(body) : undefined };
}

/** Brotli's own best quality would take a second for the script of the page. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } };

function packer(body: Buffer): (encoding: Encoding) => Buffer {
  const done = new Map<Encoding, Buffer>();
  return (encoding) => {
    const packed =
      done.get(encoding) ?? (encoding === 'br' ? brotliCompressSync(body, BROTLI) : gzipSync(body));
    done.set(encoding, packed);
    return packed;
  };
}

function accepted(req: IncomingMessage): Encoding | undefined {
  const offered = req.headers['accept-encoding'] ?? '';
  return (['br', 'gzip'] as const).find((encoding) =>
    new RegExp(`\\b${encoding}\\b(?!\\s*;\\s*q=0(?:\\.0*)?\\b)`).test(offered),
  );
}

// Serves the built page with its policy over made-up records: `npm run build && npm run mock`.
// PORT (4400), BASE (/admin), LOGIN (none | token | host; the token is "secret"), ROLE (admin), EMPTY=1 for an empty store.
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { routes } from './mock-routes.mjs';

const { PORT = '4400', BASE = '/admin', LOGIN = 'none', ROLE = 'admin' } = process.env;
const statics = path.resolve(import.meta.dirname, '../../../packages/admin/static');
const policy =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";
const types = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
};
const messages = { 200: 'Successful', 202: 'Accepted' };
let loggedIn = LOGIN === 'none';

const session = {
  'GET session': () => ({
    data: {
      authenticated: loggedIn,
      actor: loggedIn ? (LOGIN === 'none' ? 'local' : 'operations') : null,
      role: loggedIn ? ROLE : null,
      login: LOGIN,
      csrf: LOGIN === 'token' ? 'mock-csrf' : null,
    },
  }),
  'POST session': ({ body }) => {
    loggedIn = body.token === 'secret';
    if (!loggedIn)
      throw { statusCode: 401, code: 'FRAGMENT_ADMIN_UNAUTHORIZED', message: 'Who asks is not known here.' };
    return { data: { authenticated: true, actor: 'operations', role: ROLE } };
  },
  'DELETE session': () => {
    loggedIn = false;
    return { data: null };
  },
};
const table = Object.entries({ ...routes, ...session }).map(([route, handle]) => {
  const [method, pattern] = route.split(' ');
  return { method, parts: pattern.split('/'), handle };
});

const server = createServer((req, res) => {
  const url = new URL(req.url, 'http://mock');
  res.setHeader('content-security-policy', policy);
  res.setHeader('x-content-type-options', 'nosniff');
  if (url.pathname.startsWith(`${BASE}/api/`)) void answer(req, res, url);
  else if (url.pathname === BASE || url.pathname.startsWith(`${BASE}/`))
    file(res, url.pathname.slice(BASE.length));
  else res.writeHead(302, { location: BASE || '/' }).end();
});

function file(res, name) {
  const found = path.join(statics, path.normalize(name));
  if (found.startsWith(statics) && existsSync(found) && statSync(found).isFile()) {
    res.setHeader('content-type', types[path.extname(found)] ?? 'application/octet-stream');
    createReadStream(found).pipe(res);
    return;
  }
  res.setHeader('content-type', types['.html']);
  res.end(readFileSync(path.join(statics, 'index.html'), 'utf8').replaceAll('__FRAGMENT_BASE__', BASE));
}

async function answer(req, res, url) {
  const parts = url.pathname.slice(`${BASE}/api/`.length).split('/');
  const route = table.find((r) => r.method === req.method && matches(r.parts, parts));
  try {
    if (!route)
      throw {
        statusCode: 404,
        code: 'FRAGMENT_HTTP_NOT_FOUND',
        message: 'There is nothing at this address.',
      };
    if (!loggedIn && parts[0] !== 'session')
      throw { statusCode: 401, code: 'FRAGMENT_ADMIN_UNAUTHORIZED', message: 'Who asks is not known here.' };
    const params = Object.fromEntries(
      route.parts
        .map((part, n) => [part.slice(1), decodeURIComponent(parts[n])])
        .filter((_, n) => route.parts[n][0] === ':'),
    );
    const body = req.method === 'POST' ? JSON.parse(await text(req)) : {};
    const made = route.handle({ params, query: url.searchParams, body, req, res, actor: 'local' });
    if (made === undefined) return;
    const { status = 200, ...rest } = made;
    send(res, status, { statusCode: status, message: messages[status], ...rest });
  } catch (error) {
    if (!error.statusCode) console.error(error);
    send(res, error.statusCode ?? 500, { validations: [], ...error, message: error.message });
  }
}

const matches = (pattern, parts) =>
  pattern.length === parts.length && pattern.every((part, n) => part[0] === ':' || part === parts[n]);

async function text(req) {
  let all = '';
  for await (const chunk of req) all += chunk;
  return all || '{}';
}

function send(res, status, value) {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

server.listen(Number(PORT), '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}${BASE}`),
);

import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createFragment, log, rest, segmentflow } from '@fragment/runtime';

const { PORT = '3000' } = process.env;
const prefix = '/cdp';

const fragment = await createFragment(
  {
    name: 'greeter',
    sources: [rest({ prefix, flows: segmentflow })],
    destinations: [log()],
    gateway: { port: false },
  },
  { env: process.env },
);

/** What the service did before Fragment came. */
const greet: RequestListener = (_req, res) => {
  res.writeHead(200, { 'content-type': 'text/plain' }).end('Hello\n');
};

const server = createServer((req, res) => {
  if (req.url?.startsWith(`${prefix}/`)) fragment.gateway.handler(req, res);
  else greet(req, res);
});

await fragment.start();
server.listen(Number(PORT), '127.0.0.1');
await once(server, 'listening');
console.log(`The greeter listens on http://127.0.0.1:${PORT} and takes events at ${prefix}/v1/track.`);

async function stop(): Promise<void> {
  // First nothing new comes in, then what has come in is brought to an end.
  server.close();
  await once(server, 'close');
  await fragment.stop();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());

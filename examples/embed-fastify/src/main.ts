import fastify from 'fastify';
import { client, createFragment, log, rest, segmentflow } from '@fragment/runtime';
import { fragmentPlugin } from './fragment-plugin.js';

const { PORT = '3000' } = process.env;
const prefix = '/cdp';

const fragment = await createFragment(
  {
    name: 'blog',
    // Fastify leaves the prefix in the URL, so the source is told of it.
    sources: [rest({ prefix, flows: segmentflow })],
    destinations: [log()],
    gateway: { port: false },
  },
  { env: process.env },
);

const app = fastify();
await app.register(fragmentPlugin, { fragment, prefix });

const readerOf = {
  body: { type: 'object', required: ['reader'], properties: { reader: { type: 'string', minLength: 1 } } },
};

/** A route of the service, with Fastify's own body parser and schema. */
app.post<{ Params: { slug: string }; Body: { reader: string } }>(
  '/articles/:slug/likes',
  { schema: readerOf },
  async ({ params: { slug }, body: { reader } }, reply) => {
    await client(fragment.app).track({ userId: reader, event: 'Article Liked', properties: { slug } });
    return reply.code(201).send({ slug, reader });
  },
);

// Not in a hook of Fastify's, which may take ten seconds at most: a migration may take longer.
await fragment.start();
await app.listen({ port: Number(PORT), host: '127.0.0.1' });
console.log(`The blog listens on http://127.0.0.1:${PORT} and takes events at ${prefix}/v1/track.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void app.close());

'use strict';
const { once } = require('node:events');
const express = require('express');
const { client, createFragment, log } = require('@fragment/runtime');

const { PORT = '3000' } = process.env;

async function main() {
  const fragment = await createFragment(
    { name: 'forum', destinations: [log()], gateway: { port: false } },
    { env: process.env },
  );
  const app = express();
  // In a service that has grown the parser often stands first: the gateway takes what it left in req.body.
  app.use(express.json());
  app.use('/cdp', fragment.gateway.router());
  app.post('/posts', (req, res, next) => {
    publish(fragment, req.body).then((post) => res.status(201).json(post), next);
  });

  await fragment.start();
  const server = app.listen(Number(PORT), '127.0.0.1');
  await once(server, 'listening');
  console.log(`The forum listens on http://127.0.0.1:${PORT} and takes events at /cdp/v1/track.`);

  async function stop() {
    // First nothing new comes in, then what has come in is brought to an end.
    server.close();
    await once(server, 'close');
    await fragment.stop();
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop());
}

/**
 * @param {import('@fragment/runtime').Fragment} fragment
 * @param {{ author: string, title: string }} post
 */
async function publish(fragment, { author, title }) {
  const { outcome } = await client(fragment.app).track({
    userId: author,
    event: 'Post Published',
    properties: { title },
  });
  return { author, title, event: outcome };
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

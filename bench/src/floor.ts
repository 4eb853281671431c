import { createServer } from 'node:http';
import type { Part } from './part.js';

/** The least any HTTP service in Node does: read the body, parse it, answer. Nothing is stored. */
export const floorGateway: Part = async ({ port }) => {
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString());
      res
        .writeHead(200, { 'content-type': 'application/json', 'content-length': 16 })
        .end('{"success":true}');
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
};

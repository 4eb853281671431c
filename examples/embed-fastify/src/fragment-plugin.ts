import type { FastifyPluginCallback } from 'fastify';
import type { Fragment } from '@fragment/runtime';

/**
 * Fragment in a Fastify application: its gateway answers everything below the plugin's prefix, and it stops with the
 * application. Fastify keeps content type parsers within the plugin that sets them, so the other routes are
 * not concerned.
 */
export const fragmentPlugin: FastifyPluginCallback<{ readonly fragment: Fragment }> = (
  app,
  { fragment },
  done,
) => {
  // The gateway reads the body itself, whatever type it is sent under: browser SDKs send JSON as text/plain.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));

  app.all('/*', (request, reply) => {
    reply.hijack();
    fragment.gateway.handler(request.raw, reply.raw);
  });

  // Runs when the server has closed and every request is answered.
  app.addHook('onClose', () => fragment.stop());
  done();
};

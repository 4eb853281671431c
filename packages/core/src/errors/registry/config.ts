import { rows } from '../row.js';

/** What keeps an application from starting. */
export const configErrors = rows({
  FRAGMENT_CONFIG_INVALID: {
    status: 500,
    message: 'The configuration is not valid.',
    advice: 'Each problem names a setting and what it must be; they are reported all together.',
  },
  FRAGMENT_CONFIG_NOT_FOUND: {
    status: 500,
    message: 'No fragment.config file was found.',
    advice: 'Run the command where a fragment.config.ts is, or name it with --config.',
  },
  FRAGMENT_CONFIG_NOT_LOADED: {
    status: 500,
    message: 'The configuration file could not be loaded.',
    advice: 'Its own error follows; it must export a default made with defineApplication.',
  },
  FRAGMENT_TRIGGER_NO_RUNNER: {
    status: 500,
    message: 'A trigger has a mode that nothing here can run.',
    advice:
      'http and cron triggers run; subscription needs a pubsub adapter and cdc a runner, which this version does not have.',
  },
  FRAGMENT_ADMIN_TOKEN_REQUIRED: {
    status: 500,
    message: 'The admin API would be reachable from other machines without a token.',
    advice:
      'Set FRAGMENT_ADMIN_TOKEN to at least 16 characters, or bind the scheduler to 127.0.0.1. `hostLogin: true` is for a mounted admin: nothing stands before a port of the scheduler, so close it with `port: false`, or give `hostLogin` a function.',
  },
  FRAGMENT_WRITE_KEYS_REQUIRED: {
    status: 500,
    message: 'In production a source needs write keys.',
    advice: 'Set FRAGMENT_WRITE_KEYS to `name:key,name:key`, or to `any` to take events without a key.',
  },
  FRAGMENT_SERVICE_PORT_TAKEN: {
    status: 500,
    message: 'The port is in use.',
    advice:
      'Stop what listens there, or choose another port with --bind, FRAGMENT_GATEWAY_PORT or FRAGMENT_SCHEDULER_PORT.',
  },
  FRAGMENT_APPLICATION_STATE: {
    status: 500,
    message: 'The application cannot do this in its present state.',
    advice: 'An application starts once and stops once; make a new one to start again.',
  },
  FRAGMENT_PLUGIN_INIT_FAILED: {
    status: 500,
    message: 'A source or destination could not be initialised.',
    advice: 'Its own error follows.',
  },
});

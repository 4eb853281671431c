import type { StartedApplication } from '@fragment/core';
import { createFragment, settingsFrom, type Fragment, type FragmentOptions } from '@fragment/runtime';
import type { Binding } from './bind.js';
import { loadConfig } from './config.js';
import type { StartFlags } from './flags.js';
import { Shutdown } from './shutdown.js';
import { terminalLogger } from './terminal-logger.js';

/** Runs the application until the process is told to stop. `onStart` is called when the services listen. */
export async function serve(
  flags: StartFlags,
  onStart: (fragment: Fragment, addresses: StartedApplication) => void,
): Promise<number> {
  const config = await loadConfig(flags);
  const bound = bind(config.options, flags.bind);
  const { logLevel } = settingsFrom(bound, process.env);
  const logger = bound.logger ?? terminalLogger(logLevel.value, process.stdout);
  const fragment = await createFragment(
    { ...bound, logger },
    { env: process.env, directory: config.directory },
  );

  const shutdown = new Shutdown(fragment, logger);
  try {
    const only = flags.service;
    const addresses = await fragment.start(
      only === undefined ? {} : { gateway: only === 'gateway', scheduler: only === 'scheduler' },
    );
    onStart(fragment, addresses);
  } catch (error) {
    // Told to stop in the middle of the start: what the start says about that is no failure.
    if (!shutdown.begun) {
      shutdown.forget();
      throw error;
    }
  }
  return shutdown.finished;
}

/** What is said on the command line wins over the configuration. */
function bind(options: FragmentOptions, bindings: readonly Binding[]): FragmentOptions {
  return bindings.reduce<FragmentOptions>(
    (bound, { service, ...where }) => ({ ...bound, [service]: { ...bound[service], ...where } }),
    options,
  );
}

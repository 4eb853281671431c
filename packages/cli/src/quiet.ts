import { createFragment, type Fragment } from '@fragment/runtime';
import { loadConfig, type LoadedConfig } from './config.js';
import type { ConfigFlags } from './flags.js';
import { terminalLogger } from './terminal-logger.js';

/** An application that is looked at and not started: only warnings of it are told, on stderr. */
export interface QuietFragment {
  readonly config: LoadedConfig;
  readonly fragment: Fragment;
}

export async function quietFragment(flags: ConfigFlags): Promise<QuietFragment> {
  const config = await loadConfig(flags);
  const logger = config.options.logger ?? terminalLogger('warn', process.stderr);
  const fragment = await createFragment(
    { ...config.options, logger },
    { env: process.env, directory: config.directory },
  );
  return { config, fragment };
}

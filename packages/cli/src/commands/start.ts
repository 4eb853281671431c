import type { StartFlags } from '../flags.js';
import { serve } from '../serve.js';
import { welcome } from '../welcome.js';

/** Runs the application until it is told to stop. */
export function start(flags: StartFlags): Promise<number> {
  return serve(flags, (fragment, addresses) => {
    process.stderr.write(welcome(fragment, addresses));
  });
}

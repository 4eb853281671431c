import type { DevFlags } from '../flags.js';
import { reportError } from '../report-error.js';
import { serve } from '../serve.js';
import { devWelcome } from '../welcome.js';

/** What a generation runs: the application, until its supervisor wants it to end or is gone. */
async function run(flags: DevFlags): Promise<number> {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  try {
    return await serve(flags, (fragment, addresses) => {
      process.stderr.write(devWelcome(fragment, addresses));
      process.send?.('started');
    });
  } catch (error) {
    return reportError(error, process.stderr);
  }
}

void run(JSON.parse(process.argv[2] ?? '') as DevFlags).then((code) => {
  // A timer that the project's own code has left must not keep the next generation waiting.
  process.exit(code);
});

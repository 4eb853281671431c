import { run } from './run.js';

// Whoever reads along may have read enough: `fragment jobs list | head -1`. A service goes on without a reader of its log.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

void run(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});

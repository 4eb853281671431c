// `npm test`: installs and builds what is missing, lints, type-checks, runs every test, and says at the end what was
// skipped and why. With arguments (`npm test -- -t lease`) it is about those tests alone: it builds, then hands the
// arguments to jest, without lint and type check. The exit code is that of the step that failed.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { bootstrap, environment, root, say } from './bootstrap.mjs';
import { lint } from './lint.mjs';

const timeLimitMinutes = Number(process.env.FRAGMENT_TEST_MINUTES ?? 15);
const args = process.argv.slice(2);

bootstrap({ tasks: args.length > 0 ? ['build'] : ['build', 'typecheck'] });
if (args.length === 0) lint();

const scratch = mkdtempSync(path.join(os.tmpdir(), 'fragment-npm-test-'));
const resultFile = path.join(scratch, 'result.json');
const skippedFile = path.join(scratch, 'skipped.jsonl');
const code = await jest();
tellSkipped();
tellCounts();
rmSync(scratch, { recursive: true, force: true });
process.exit(code);

/** A handle that a test leaves open would keep jest from ending: the time limit ends its whole process group. */
function jest() {
  const child = spawn(
    process.execPath,
    [path.join(root, 'scripts', 'jest.mjs'), '--json', `--outputFile=${resultFile}`, ...args],
    {
      cwd: root,
      env: { ...environment(), FRAGMENT_TEST_SKIPPED: skippedFile },
      // `--json` prints the result a second time, on stdout; what people read is on stderr.
      stdio: ['inherit', 'ignore', 'inherit'],
      detached: true,
    },
  );
  const killGroup = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => killGroup(signal));
  const limit = setTimeout(() => {
    say(
      `\nThe tests did not end within ${timeLimitMinutes} minutes and are killed. If all of them passed, one leaves`,
    );
    say('a timer, a socket or a server behind; `npm run jest -- --detectOpenHandles` names the line.');
    killGroup('SIGKILL');
  }, timeLimitMinutes * 60_000);
  return new Promise((resolve) => {
    child.on('exit', (status) => {
      clearTimeout(limit);
      killGroup('SIGKILL');
      resolve(status ?? 1);
    });
  });
}

function tellSkipped() {
  if (!existsSync(skippedFile)) return;
  say('\nSkipped suites:');
  for (const line of readFileSync(skippedFile, 'utf8').trim().split('\n')) {
    const { suite, service, reason } = JSON.parse(line);
    say(`  ${suite} (needs ${service}): ${reason}`);
  }
}

/** The last line, for machines: a test file that cannot even be loaded counts as one failed test. */
function tellCounts() {
  if (!existsSync(resultFile)) return console.log('0 passed, 1 failed, 0 skipped');
  const result = JSON.parse(readFileSync(resultFile, 'utf8'));
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  console.log(`${result.numPassedTests} passed, ${failed} failed, ${result.numPendingTests} skipped`);
}

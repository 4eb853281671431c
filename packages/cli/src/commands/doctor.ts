import type { Destination, HealthCheck, MigrationRecord, Queue } from '@fragment/core';
import type { Fragment } from '@fragment/runtime';
import { EXIT } from '../exit-codes.js';
import type { JsonFlags } from '../flags.js';
import { printable, printJson, table } from '../output.js';
import { quietFragment } from '../quiet.js';
import { reportError } from '../report-error.js';

/** The oldest Node this runs on, as in `engines` of the packages. */
const NODE: readonly [major: number, minor: number] = [20, 19];

interface Finding extends HealthCheck {
  /** What a failed one ends the command with. Default 1. */
  readonly exit?: number;
}

/** Looks at everything the application needs; what can't be looked at because of something else is left out. */
export async function doctor(flags: JsonFlags): Promise<number> {
  const findings: Finding[] = [nodeFinding()];
  let fragment: Fragment | undefined;
  try {
    const opened = await quietFragment(flags);
    fragment = opened.fragment;
    findings.push({ name: 'configuration', status: 'ok', message: opened.config.file });
    findings.push(...(await storeFindings(fragment)));
    findings.push(...(await destinationFindings(fragment)));
  } catch (error) {
    findings.push(failureOf(fragment ? 'store' : 'configuration', error));
  } finally {
    await fragment?.stop();
  }
  if (flags.json) printJson(findings.map(({ name, status, message = null }) => ({ name, status, message })));
  else process.stdout.write(textOf(findings));
  return worstOf(findings);
}

function nodeFinding(): Finding {
  const { node } = process.versions;
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const oldEnough = major > NODE[0] || (major === NODE[0] && minor >= NODE[1]);
  if (oldEnough) return { name: 'Node', status: 'ok', message: node };
  return { name: 'Node', status: 'failed', message: `${node}; ${NODE.join('.')} is the oldest that will do` };
}

async function storeFindings(fragment: Fragment): Promise<Finding[]> {
  const { app } = fragment;
  await fragment.open();
  const { store, queue } = app;
  await store.ping();
  const migrations = await store.migrations();
  const findings: Finding[] = [
    { name: 'store', status: 'ok', message: store.name },
    migrationsFinding(migrations),
    ...((await store.diagnose?.()) ?? []),
  ];
  // Before the first migration there are no lanes, and a queue in the store's database lacks its tables as well.
  if (migrations.some(({ appliedAt }) => appliedAt)) {
    const { checks } = await app.health();
    findings.push(...checks.filter(({ name }) => name !== 'store').map(queueFailed));
    if (checks.some(({ name, status }) => name === 'queue' && status !== 'ok')) return findings;
  }
  return [...findings, ...(await brokerFindings(queue))];
}

/** The application runs on without its queue, and delivers nothing. */
const queueFailed = (check: HealthCheck): Finding =>
  check.name === 'queue' && check.status !== 'ok'
    ? { ...check, status: 'failed', exit: EXIT.unreachable }
    : check;

/** What a broker of its own can tell of itself, with or without a schema in the store. */
async function brokerFindings(queue: Queue): Promise<readonly Finding[]> {
  try {
    return (await queue.diagnose?.()) ?? [];
  } catch (error) {
    return [{ name: 'queue', status: 'failed', message: messageOf(error), exit: EXIT.unreachable }];
  }
}

function migrationsFinding(all: readonly MigrationRecord[]): Finding {
  const name = 'migrations';
  const pending = all.filter(({ appliedAt }) => appliedAt === undefined);
  if (pending.length === 0) return { name, status: 'ok', message: `${all.length} applied` };
  const message = `${pending.length} of ${all.length} pending: fragment migrations run, or the next start`;
  return { name, status: 'warning', message };
}

const destinationFindings = (fragment: Fragment): Promise<Finding[]> =>
  Promise.all(fragment.app.destinations.map((destination) => credentialsFinding(fragment, destination)));

async function credentialsFinding({ operations }: Fragment, { name }: Destination): Promise<Finding> {
  const finding = `credentials of ${name}`;
  try {
    const result = await operations.check(name);
    if (result === 'refused')
      return { name: finding, status: 'failed', message: 'refused: check key and account' };
    return { name: finding, status: 'ok', message: result === 'ok' ? 'work' : 'cannot be checked' };
  } catch (error) {
    return { name: finding, status: 'failed', message: messageOf(error) };
  }
}

function failureOf(name: string, error: unknown): Finding {
  let message = '';
  // The whole report, as any other command would give it.
  const exit = reportError(error, { write: (text: string) => (message += text) });
  return { name, status: 'failed', message: message.trimEnd(), exit };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const MARKS = { ok: 'ok', warning: 'WARN', failed: 'FAIL' } as const;

const textOf = (findings: readonly Finding[]): string =>
  table(
    findings.map(({ name, status, message = '' }) => [
      MARKS[status],
      name,
      message.split('\n').map(printable).join('\n      '),
    ]),
  );

/** What cannot be reached explains more than what failed, and the configuration explains everything. */
function worstOf(findings: readonly Finding[]): number {
  const codes = findings.flatMap(({ status, exit = EXIT.failed }) => (status === 'failed' ? [exit] : []));
  const known = [EXIT.config, EXIT.unreachable].find((code) => codes.includes(code));
  return known ?? codes[0] ?? EXIT.ok;
}

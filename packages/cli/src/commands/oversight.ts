import { EXIT } from '../exit-codes.js';
import type { FailuresFlags, ListFlags } from '../flags.js';
import { whereOf } from '../operate/filter.js';
import { withOperator } from '../operate/open.js';
import type { AuditView, FailureView, RejectionView } from '../operate/oversight-views.js';
import { printable, printJson, table } from '../output.js';
import { list, nothingMatched } from './listing.js';

/** Jobs that did not succeed, by reason. */
export async function failures(flags: FailuresFlags): Promise<number> {
  const where = whereOf(flags);
  const groups = await withOperator(flags, (operator) => operator.failures(where, flags.limit));
  if (flags.failIfEmpty && groups.length === 0) throw nothingMatched();
  if (flags.json) printJson({ meta: { count: groups.length }, data: groups });
  else process.stdout.write(table(groups.map(failureRow)));
  return EXIT.ok;
}

const failureRow = (group: FailureView): string[] => [
  String(group.count),
  `${group.destination}/${group.action}`,
  group.status,
  `last ${group.last_at}`,
  `for instance ${group.sample_job_id}`,
  printable(`${group.code}: ${group.message}`),
];

export const listRejections = (flags: ListFlags): Promise<number> =>
  list(flags, (operator, page) => operator.findRejections(page), { noun: 'rejection', row: rejectionRow });

const rejectionRow = (rejection: RejectionView): string[] => [
  rejection.received_at,
  rejection.id,
  printable(`${rejection.source}/${rejection.trigger}`),
  printable(rejection.message_id ?? ''),
  printable(
    [`${rejection.code}: ${rejection.message}`, ...rejection.validations.map((v) => v.message)].join('; '),
  ),
];

export const listAudit = (flags: ListFlags): Promise<number> =>
  list(flags, (operator, page) => operator.findAudit(page), { noun: 'act', row: auditRow });

const auditRow = ({ at, actor, action, target, count, outcome }: AuditView): string[] => [
  at,
  printable(actor),
  action,
  count === null ? '' : `${count}x`,
  outcome,
  printable(target ?? ''),
];

import type { FailuresFlags, ListFlags, WholeFlags } from '../flags.js';
import { whereOf } from '../operate/filter.js';
import type { AuditView, FailureView, RejectionView } from '../operate/oversight-views.js';
import type { ServiceView } from '../operate/schedule-views.js';
import { printable } from '../output.js';
import { list, listWhole } from './listing.js';

/** Jobs that did not succeed, by reason. */
export function failures(flags: FailuresFlags): Promise<number> {
  const where = whereOf(flags);
  return listWhole(flags, (operator) => operator.failures(where, flags.limit), failureRow);
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

export const listServices = (flags: WholeFlags): Promise<number> =>
  listWhole(flags, (operator) => operator.services(), serviceRow);

const serviceRow = (service: ServiceView): string[] => [
  service.service,
  service.gone ? 'gone' : 'runs',
  printable(service.application),
  printable(`${service.host}:${service.pid}`),
  printable(service.address ?? 'no address'),
  service.gone ? `last seen ${service.seen_at}` : `since ${service.started_at}`,
];

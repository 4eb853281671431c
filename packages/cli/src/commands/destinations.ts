import { EXIT } from '../exit-codes.js';
import type { OperatorFlags, PauseFlags } from '../flags.js';
import { withOperator } from '../operate/open.js';
import type { LaneLoadView, LaneView } from '../operate/oversight-views.js';
import { printable, printJson, table } from '../output.js';

/** The lane of every destination, and what it has to do. */
export async function listDestinations(flags: OperatorFlags): Promise<number> {
  const lanes = await withOperator(flags, (operator) => operator.lanes());
  if (flags.json) printJson({ meta: { count: lanes.length }, data: lanes });
  else process.stdout.write(table(lanes.map(rowOf)));
  return EXIT.ok;
}

function rowOf({
  destination,
  registered,
  state,
  reason,
  until,
  counts,
  oldest_due_at,
}: LaneLoadView): string[] {
  const backlog = counts.awaiting + counts.executing + counts.failed + counts.unknown;
  return [
    destination,
    registered ? state : 'not registered',
    `${backlog} to deliver`,
    `${counts.discarded} discarded`,
    oldest_due_at === null ? '' : `oldest due since ${oldest_due_at}`,
    [printable(reason ?? ''), until === null ? '' : `until ${until}`].filter(Boolean).join(', '),
  ];
}

/** Do the credentials of a destination work? Fails when they are refused. */
export async function checkDestination(destination: string, flags: OperatorFlags): Promise<number> {
  const checked = await withOperator(flags, (operator) => operator.check(destination));
  if (flags.json) printJson(checked);
  else process.stdout.write(`${checked.result}\n`);
  return checked.result === 'refused' ? EXIT.failed : EXIT.ok;
}

/** Stops the deliveries of a destination; its jobs stay. */
export async function pauseDestination(destination: string, flags: PauseFlags): Promise<number> {
  const lane = await withOperator(flags, (operator) => operator.pause(destination, flags.reason));
  tell(lane, flags, 'Its jobs stay until it is resumed.');
  return EXIT.ok;
}

/** Opens the lane of a destination, whatever closed it. */
export async function resumeDestination(destination: string, flags: OperatorFlags): Promise<number> {
  const lane = await withOperator(flags, (operator) => operator.resume(destination));
  tell(lane, flags, 'Schedulers go on within a second.');
  return EXIT.ok;
}

function tell(lane: LaneView, { json }: OperatorFlags, more: string): void {
  if (json) printJson(lane);
  else process.stdout.write(`The lane of ${lane.destination} is ${lane.state}. ${more}\n`);
}

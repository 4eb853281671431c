import {
  FragmentError,
  type Action,
  type Destination,
  type LeasedJob,
  type Validation,
} from '@fragment/core';
import { materialise, MESSAGE_TYPES, type MessageType } from '@fragment/segment-spec';

export interface LogOptions {
  /** The destination's identity. Default `log`. */
  readonly name?: string;
  /** Takes each line, a JSON object without a line break. Default: the application's logger, at info. */
  readonly write?: (line: string) => void;
  /** Shows the whole message too, with traits and properties. Default false: logs are no place for personal data. */
  readonly showData?: boolean;
}

/** What is said of one job. */
interface LogFields {
  readonly destination: string;
  readonly action: string;
  readonly job: string;
  readonly messageId?: string;
  readonly eventType?: string;
  readonly eventName?: string;
  readonly data?: unknown;
}

/**
 * Says what would be delivered, one line a job, and succeeds always.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with everything that is wrong with the options.
 */
export function log<const Name extends string = 'log'>(
  options?: LogOptions & { readonly name?: Name },
): Destination<NoInfer<Name>, MessageType>;
export function log(options: LogOptions = {}): Destination {
  const { name = 'log', write, showData = false } = options;
  refuseInvalid({ name, write, showData });
  const action = (type: string): Action => ({
    name: type,
    batch: { maxJobs: 250 },
    load(jobs, { logger, destination }) {
      for (const job of jobs) {
        const fields = describe(job, destination, showData);
        if (write) write(JSON.stringify(fields));
        else logger.info(fields, 'would deliver');
      }
      return Promise.resolve(jobs.map((job) => ({ job: job.id, outcome: 'succeeded' })));
    },
  });
  return { name, accepts: 'segment', actions: MESSAGE_TYPES.map(action), options: { showData } };
}

function describe(job: LeasedJob, destination: string, showData: boolean): LogFields {
  const { messageId, type, name } = job.event;
  return {
    destination,
    action: job.action,
    job: job.id,
    ...(messageId !== undefined && { messageId }),
    ...(type !== undefined && { eventType: type }),
    ...(name !== undefined && { eventName: name }),
    ...(showData && { data: job.data ?? dataOf(job) }),
  };
}

/** Succeeding always includes an event that is not JSON, which another source may have stored. */
function dataOf({ event }: LeasedJob): unknown {
  try {
    return materialise(event);
  } catch (error) {
    if (error instanceof SyntaxError) return event.data;
    throw error;
  }
}

function refuseInvalid(o: {
  readonly name: unknown;
  readonly write: unknown;
  readonly showData: unknown;
}): void {
  const validations: Validation[] = [];
  if (typeof o.name !== 'string' || o.name === '')
    validations.push({ message: 'name must be a name', path: ['name'] });
  if (o.write !== undefined && typeof o.write !== 'function') {
    validations.push({ message: 'write must be a function', path: ['write'] });
  }
  if (typeof o.showData !== 'boolean')
    validations.push({ message: 'showData must be true or false', path: ['showData'] });
  if (validations.length > 0) throw new FragmentError('FRAGMENT_CONFIG_INVALID', { validations });
}

import type {
  DeliveryError,
  EventRecord,
  Exchange,
  FailureGroup,
  HealthCheck,
  JobRecord,
  JsonValue,
  LaneRow,
  RejectionRecord,
  RunRecord,
  Transition,
  Validation,
} from '@fragment/core';
import type { ShownPart } from './redact.js';
import type { Redactor } from './redactor.js';

/** A record as it is shown. */
export interface Redacted {
  /** Something of it looks other than it is. Absent: no. */
  readonly redacted?: boolean;
}

type Whose = Omit<ShownPart, 'kind'>;

/** Of one record: what of it is shown how, and whether that is as it was. */
class View {
  changed = false;
  readonly #redactor: Redactor;
  readonly #whose: Whose;

  constructor(redactor: Redactor, whose: Whose) {
    this.#redactor = redactor;
    this.#whose = whose;
  }

  text(kind: ShownPart['kind'], text: string): string {
    return this.#noted(text, this.#redactor.text(text, { ...this.#whose, kind }));
  }

  json(kind: ShownPart['kind'], text: string): string {
    return this.#noted(text, this.#redactor.json(text, { ...this.#whose, kind }));
  }

  #noted(before: string, after: string): string {
    this.changed ||= after !== before;
    return after;
  }
}

/**
 * How each field is shown: as it is, or as a function says. Every field stands here, so that a new one cannot be shown
 * before somebody has decided.
 */
type Rules<T> = {
  readonly [K in keyof Required<T>]: 'as it is' | ((value: NonNullable<T[K]>, view: View) => T[K]);
};

function byRules<T extends object>(record: T, rules: Rules<T>, view: View): T {
  const fields = Object.entries(record) as [keyof T, NonNullable<T[keyof T]> | undefined][];
  return Object.fromEntries(
    fields.map(([name, value]) => {
      // What no rule knows is not shown.
      const rule = Object.hasOwn(rules, name) ? rules[name] : () => undefined;
      return [name, rule === 'as it is' || value === undefined ? value : rule(value, view)];
    }),
  ) as T;
}

function redacted<T extends object>(
  record: T,
  rules: Rules<T>,
  redactor: Redactor,
  whose: Whose,
): T & Redacted {
  const view = new View(redactor, whose);
  const shown = byRules(record, rules, view);
  return { ...shown, redacted: view.changed };
}

const text =
  (kind: ShownPart['kind']) =>
  (value: string, view: View): string =>
    view.text(kind, value);
const json =
  (kind: ShownPart['kind']) =>
  (value: string, view: View): string =>
    view.json(kind, value);

/** The word before the first colon is ours; what follows it was told by a flow or a destination. */
function afterWord(message: string, view: View): string {
  const [, word = '', told = ''] = /^(\w+: )?(.*)$/s.exec(message) ?? [];
  return `${word}${view.text('message', told)}`;
}

const exchangeRules: Rules<Exchange> = {
  status: 'as it is',
  request: text('request'),
  response: text('response'),
};
const errorRules: Rules<DeliveryError> = { ...exchangeRules, code: 'as it is', message: text('message') };

const jobRules: Rules<JobRecord> = {
  id: 'as it is',
  eventId: 'as it is',
  seq: 'as it is',
  destination: 'as it is',
  action: 'as it is',
  version: 'as it is',
  data: (data, view) => JSON.parse(view.json('job', JSON.stringify(data))) as JsonValue,
  status: 'as it is',
  attempt: 'as it is',
  lostLeases: 'as it is',
  createdAt: 'as it is',
  dueAt: 'as it is',
  startedAt: 'as it is',
  finishedAt: 'as it is',
  lastError: (error, view) => byRules(error, errorRules, view),
  parentJobId: 'as it is',
};

const transitionRules: Rules<Transition> = {
  id: 'as it is',
  jobId: 'as it is',
  eventId: 'as it is',
  attempt: 'as it is',
  stateBefore: 'as it is',
  stateAfter: 'as it is',
  error: (error, view) => byRules(error, errorRules, view),
  exchange: (exchange, view) => byRules(exchange, exchangeRules, view),
  createdAt: 'as it is',
};

/** What is looked for (ids, users, names) is shown as it is. The jobs are shown on their own. */
const eventRules: Rules<EventRecord> = {
  id: 'as it is',
  parentEventId: 'as it is',
  source: 'as it is',
  trigger: 'as it is',
  version: 'as it is',
  type: 'as it is',
  messageId: 'as it is',
  userId: 'as it is',
  anonymousId: 'as it is',
  name: 'as it is',
  timestamp: 'as it is',
  originalTimestamp: 'as it is',
  sentAt: 'as it is',
  receivedAt: 'as it is',
  ingestedAt: 'as it is',
  data: json('event'),
  envelope: json('context'),
  // It begins with a code.
  planError: afterWord,
  traceparent: 'as it is',
  parsed: () => undefined,
  jobs: 'as it is',
};

const validationRules: Rules<Validation> = { message: text('message'), path: 'as it is', field: 'as it is' };

const rejectionRules: Rules<RejectionRecord> = {
  id: 'as it is',
  source: 'as it is',
  trigger: 'as it is',
  receivedAt: 'as it is',
  index: 'as it is',
  messageId: 'as it is',
  type: 'as it is',
  code: 'as it is',
  message: text('message'),
  validations: (all, view) => all.map((one) => byRules(one, validationRules, view)),
  data: json('rejection'),
};

const failureRules: Rules<FailureGroup> = {
  destination: 'as it is',
  action: 'as it is',
  status: 'as it is',
  code: 'as it is',
  message: text('message'),
  count: 'as it is',
  firstAt: 'as it is',
  lastAt: 'as it is',
  sampleJobId: 'as it is',
};

/** A lane is closed for a reason that a destination has told. */
const laneRules: Rules<LaneRow> = {
  destination: 'as it is',
  state: 'as it is',
  reason: text('message'),
  until: 'as it is',
  failures: 'as it is',
  updatedAt: 'as it is',
};

const runRules: Rules<RunRecord> = {
  id: 'as it is',
  source: 'as it is',
  trigger: 'as it is',
  scheduledAt: 'as it is',
  startedAt: 'as it is',
  finishedAt: 'as it is',
  state: 'as it is',
  byHand: 'as it is',
  events: 'as it is',
  eventId: 'as it is',
  error: ({ code, message }, view) => ({ code, message: view.text('message', message) }),
  service: 'as it is',
  process: 'as it is',
};

/** Of a lane the check tells its state and its reason. */
const laneCheckRules: Rules<HealthCheck> = { name: 'as it is', status: 'as it is', message: afterWord };
const LANE = 'lane ';

/** The records as the hook lets them be shown. */
export function redactedRecords(redactor: Redactor) {
  const job = (record: JobRecord): JobRecord & Redacted => {
    const { id, eventId, destination, action } = record;
    return redacted(record, jobRules, redactor, { eventId, jobId: id, destination, action });
  };
  return {
    job,
    event: (record: EventRecord): EventRecord & Redacted => {
      const { id, source, trigger, type } = record;
      const whose = { eventId: id, source, trigger, ...(type === undefined ? {} : { type }) };
      return { ...redacted(record, eventRules, redactor, whose), jobs: record.jobs.map(job) };
    },
    transition: (record: Transition, of?: JobRecord): Transition & Redacted => {
      const { jobId, eventId } = record;
      const whose = of ? { destination: of.destination, action: of.action } : {};
      return redacted(record, transitionRules, redactor, { eventId, jobId, ...whose });
    },
    rejection: (record: RejectionRecord): RejectionRecord & Redacted => {
      const { source, trigger, type } = record;
      const whose = { source, trigger, ...(type === undefined ? {} : { type }) };
      return redacted(record, rejectionRules, redactor, whose);
    },
    failure: (record: FailureGroup): FailureGroup & Redacted => {
      const { destination, action, sampleJobId: jobId } = record;
      return redacted(record, failureRules, redactor, { destination, action, jobId });
    },
    lane: (record: LaneRow): LaneRow & Redacted =>
      redacted(record, laneRules, redactor, { destination: record.destination }),
    run: (record: RunRecord): RunRecord & Redacted => {
      const { source, trigger } = record;
      return redacted(record, runRules, redactor, { source, trigger });
    },
    check: (check: HealthCheck): HealthCheck =>
      check.name.startsWith(LANE)
        ? redacted(check, laneCheckRules, redactor, { destination: check.name.slice(LANE.length) })
        : check,
  };
}

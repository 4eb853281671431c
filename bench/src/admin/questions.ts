/** One thing the dashboard asks; `of` makes the path of the nth time, so that no answer is the one before. */
export interface Question {
  readonly name: string;
  /** Lists must answer within 300 ms; `report` is what is looked at now and then. */
  readonly kind: 'list' | 'report';
  readonly of: (n: number) => string;
}

const HOUR_MS = 3_600_000;
const since = (ms: number): string => new Date(Date.now() - ms).toISOString();
const fillId = (n: number, events: number): string => `fill-${1 + ((n * 7_919) % events)}`;

/** @param events how many the store was filled with. */
export const questions = (events: number): readonly Question[] => [
  list('events', () => '/store/events?limit=100'),
  list('events, page 50', () => '/store/events?limit=100&offset=5000'),
  list('events of a user', (n) => `/store/events?events.user_id=user-${(n * 7_919) % 131_072}`),
  list('events of a device', (n) => `/store/events?events.anonymous_id=device-${(n * 7_919) % 262_144}`),
  list('event by messageId', (n) => `/store/events?events.message_id=${fillId(n, events)}`),
  list('event by messageId that nobody sent', (n) => `/store/events?events.message_id=nobody-${n}`),
  list('events by name', () => '/store/events?events.name=Signed+Up'),
  list('events by a name that nobody sent', (n) => `/store/events?events.name=Nobody+${n}`),
  list('events of one hour', (n) => {
    const from = Date.now() - ((n % 600) + 1) * HOUR_MS;
    const after = new Date(from).toISOString();
    return `/store/events?events.received_after=${after}&events.received_before=${new Date(from + HOUR_MS).toISOString()}`;
  }),
  list('events with a discarded job', () => '/store/events?jobs.status_in=discarded'),
  list('jobs', () => '/store/jobs?limit=100'),
  list('jobs of a destination', () => '/store/jobs?jobs.destinations_in=beta'),
  list('failed jobs', () => '/store/jobs?jobs.status_in=failed'),
  list(
    'discarded jobs of a destination, by reason',
    () => '/store/jobs?jobs.status_in=discarded&jobs.destinations_in=alpha&jobs.error_code=invalid_email',
  ),
  list(
    'succeeded jobs of a destination',
    () => '/store/jobs?jobs.status_in=succeeded&jobs.destinations_in=gamma',
  ),
  list('rejections', () => '/store/rejections?limit=100'),
  list('user', (n) => `/users/user-${(n * 7_919) % 131_072}`),
  report('failures', () => '/store/failures'),
  report('failures of a day', () => `/store/failures?events.received_after=${since(24 * HOUR_MS)}`),
  report('statistics of an hour', () => `/statistics?from=${since(HOUR_MS)}&to=${since(0)}&step_ms=60000`),
  report('statistics of a day', () => `/statistics?from=${since(24 * HOUR_MS)}&to=${since(0)}`),
  report('statistics of 30 days', () => `/statistics?from=${since(30 * 24 * HOUR_MS)}&to=${since(0)}`),
  report('overview', () => '/overview'),
];

function list(name: string, of: Question['of']): Question {
  return { name, kind: 'list', of };
}

function report(name: string, of: Question['of']): Question {
  return { name, kind: 'report', of };
}

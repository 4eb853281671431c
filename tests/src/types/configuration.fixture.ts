import { amplitude } from '@fragment/destination-amplitude';
import {
  defineApplication,
  defineDestination,
  defineFlow,
  defineSource,
  log,
  rest,
  segmentflow,
  whenSet,
  type Action,
  type Destination,
  type Flow,
} from '@fragment/runtime';

// Configurations that are right, and such as are wrong. What follows `@ts-expect-error` is the sentence that the compiler
// must show for what follows it.

const action = <const Name extends string>(name: Name): Action<Name> => ({
  name,
  load: (jobs) => Promise.resolve(jobs.map(({ id }) => ({ job: id, outcome: 'succeeded' }))),
});

const crm = ({ key }: { readonly key: string }) =>
  defineDestination({ name: 'crm', actions: [action('track'), action('identify')], options: { key } });

const vip = defineFlow({
  name: 'vip',
  transform: ({ name, userId }) =>
    name === 'Paid' && userId !== undefined
      ? { crm: [{ action: 'identify', data: { userId } }, { action: 'track' }] }
      : {},
});

const misspelt = defineFlow({
  name: 'misspelt',
  transform: ({ name }) => (name === 'Paid' ? { crm: [{ action: 'trak' }] } : {}),
});

const astray = defineFlow({
  name: 'astray',
  transform: ({ name }) => {
    if (name === 'Paid') return { crn: [{ action: 'track' }] };
    return {};
  },
});

/** Nothing is known of what it plans, so everything may be. */
const anything: Flow = { name: 'anything', transform: () => ({ crn: [{ action: 'trak' }] }) };

export const right = [
  defineApplication((env, secret) => ({
    name: 'right',
    sources: [rest({ flows: [...segmentflow, vip, anything] })],
    destinations: [
      crm({ key: secret('CRM_KEY') }),
      whenSet(env, 'amplitude', ['AMPLITUDE_API_KEY'], (set) => amplitude({ apiKey: set.AMPLITUDE_API_KEY })),
    ],
  })),
  defineApplication({
    sources: [rest({ name: 'app', flows: { track: [vip] } }), defineSource({ name: 'shop', triggers: [] })],
    destinations: [crm({ key: 'k' }), log({ name: 'copy' })],
  }),
  defineApplication({
    sources: [
      rest({ flows: [{ name: 'copied', transform: () => ({ copy: [{ action: 'page' } as const] }) }] }),
    ],
    destinations: [log({ name: 'copy' })],
  }),
  // Which of them is called crm is known when it runs, and not before.
  defineApplication((env) => ({
    sources: [rest({ flows: [vip] })],
    destinations: [log({ name: env['NAME'] ?? 'copy' })],
  })),
  // `log` takes the place of none.
  defineApplication({
    sources: [rest({ flows: [{ name: 'logged', transform: () => ({ log: [{ action: 'track' }] }) }] })],
  }),
  defineApplication(async () => Promise.resolve({ sources: [], destinations: [] as readonly Destination[] })),
];

export const wrong = [
  defineApplication({
    // @ts-expect-error A flow plans trak, which is no action of crm
    sources: [rest({ flows: [...segmentflow, vip, misspelt] })],
    destinations: [crm({ key: 'k' })],
  }),
  defineApplication({
    // @ts-expect-error A flow plans for crn, which is not among the destinations
    sources: [rest({ flows: { track: [vip], page: [astray] } })],
    destinations: [crm({ key: 'k' })],
  }),
  // @ts-expect-error A flow plans for crm, which is not among the destinations
  defineApplication((env) => ({
    sources: [rest({ flows: [vip] })],
    destinations: [
      whenSet(env, 'amplitude', ['AMPLITUDE_API_KEY'], (set) => amplitude({ apiKey: set.AMPLITUDE_API_KEY })),
    ],
  })),
  // @ts-expect-error A flow plans for amplitude, which is not among the destinations
  defineApplication(async (_env, secret) =>
    Promise.resolve({
      sources: [
        rest({ flows: [{ name: 'eu', transform: () => ({ amplitude: [{ action: 'track' }] }) }] }),
      ] as const,
      destinations: [amplitude({ apiKey: secret('AMPLITUDE_API_KEY'), name: 'amplitude-eu' })] as const,
    }),
  ),
  defineApplication({
    // @ts-expect-error A flow plans trak, which is no action of crm
    sources: [
      defineSource({
        name: 'shop',
        triggers: [
          { name: 'hourly', mode: 'cron', schedule: '@hourly', flows: [misspelt], extract: () => undefined },
        ],
      }),
    ],
    destinations: [crm({ key: 'k' })],
  }),
  // @ts-expect-error A flow plans for crm, which is not among the destinations
  defineApplication(() => ({ sources: [rest({ flows: [vip] })] })),
  defineApplication((env) => ({
    // @ts-expect-error Argument of type '"crn"' is not assignable to parameter of type '"crm"'
    destinations: [whenSet(env, 'crn', ['CRM_KEY'], (set) => crm({ key: set.CRM_KEY }))],
  })),
  // @ts-expect-error 'destinatons' does not exist
  defineApplication({ destinatons: [] }),
  // @ts-expect-error Type '"loud"' is not assignable to type
  defineApplication(() => ({ logLevel: 'loud' })),
];

/** How a command stands in the list of them all. */
interface Heading {
  /** Its name with its alias, and what it takes. */
  readonly term: string;
  readonly description: string;
}

// What `fragment --help` shows, so that it need not load the commands themselves.
export const HEADINGS = {
  generate: { term: 'generate', description: 'Write a new application, or a new piece of one.' },
  dev: {
    term: 'dev [options]',
    description: 'Start everything for development, and again whenever a file of the project changes.',
  },
  start: { term: 'start [options]', description: 'Start the gateway and the scheduler, or one of them.' },
  check: {
    term: 'check|build [options]',
    description: 'Check the configuration without starting or connecting to anything.',
  },
  doctor: {
    term: 'doctor [options]',
    description: 'Look at everything the application needs, and tell what to mend.',
  },
  env: {
    term: 'env [options]',
    description: 'Show every setting that holds and where it comes from. Secrets are masked.',
  },
  test: {
    term: 'test [options] <destination>',
    description: 'Show what a destination makes of an event: request, response, outcome, fields.',
  },
  events: { term: 'events', description: 'What came in.' },
  jobs: { term: 'jobs', description: 'What is delivered.' },
  failures: { term: 'failures [options]', description: 'Jobs that did not succeed, by reason.' },
  destinations: { term: 'destinations', description: 'Where it is delivered, and how the lanes are.' },
  schedules: { term: 'schedules', description: 'What is fetched at intervals, and how its runs ended.' },
  orders: { term: 'orders', description: 'What was ordered to be done to many.' },
  rejections: { term: 'rejections', description: 'What was refused when it came in.' },
  users: { term: 'users', description: 'What is kept of a person, and how it is forgotten.' },
  services: {
    term: 'services [options]',
    description: 'List the gateways and schedulers that run, and those that went without a word.',
  },
  audit: { term: 'audit', description: 'Who did what.' },
  migrations: { term: 'migrations', description: "The schema of the application's store." },
  run: { term: 'run', description: 'Run SQL templates in a warehouse.' },
  completion: {
    term: 'completion [options] <shell>',
    description: 'Print the script that completes commands, flags and names in a shell.',
  },
  version: { term: 'version [options]', description: 'Print the version, the runtime and the platform.' },
} as const satisfies Record<string, Heading>;

/** The name of a command. */
export type CommandName = keyof typeof HEADINGS;

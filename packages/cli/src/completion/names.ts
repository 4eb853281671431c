import type { FragmentOptions } from '@fragment/runtime';

export type NameKind = 'destination' | 'action' | 'source' | 'trigger';

/** Names that the configuration has, without connecting to anything; none when it cannot be loaded. */
export async function namesIn(
  kind: NameKind,
  flags: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const config = flags.get('--config');
  const envFile = flags.get('--env-file');
  try {
    const { loadConfig } = await import('../config.js');
    const { options } = await loadConfig({
      cwd: flags.get('--cwd') ?? '.',
      ...(config !== undefined && { config }),
      ...(envFile !== undefined && { envFile }),
    });
    return [...new Set(await readers[kind](options, flags.get('--destination')))];
  } catch {
    // What is wrong with it is told by the command itself.
    return [];
  }
}

type Reader = (
  options: FragmentOptions,
  destination?: string,
) => readonly string[] | Promise<readonly string[]>;

const readers: Readonly<Record<NameKind, Reader>> = {
  destination: ({ destinations = [] }) =>
    destinations.length === 0
      ? ['log']
      : destinations.map((one) => ('missing' in one ? one.destination : one.name)),
  action: ({ destinations = [] }, of) =>
    destinations.flatMap((one) =>
      'missing' in one || (of !== undefined && one.name !== of) ? [] : one.actions.map(({ name }) => name),
    ),
  source: async (options) => (await sourcesOf(options)).map(({ name }) => name),
  trigger: async (options) =>
    (await sourcesOf(options)).flatMap(({ triggers }) => triggers.map(({ name }) => name)),
};

/** Those of the configuration, else the one that takes their place. */
async function sourcesOf({ sources }: FragmentOptions): Promise<NonNullable<FragmentOptions['sources']>> {
  const { rest } = await import('@fragment/runtime');
  return sources ?? [rest()];
}

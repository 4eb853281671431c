import type { FragmentOptions } from '@fragment/runtime';

export type NameKind = 'destination' | 'action' | 'source' | 'trigger';

/** Names that the configuration has, without connecting to anything; none when it cannot be loaded. */
export async function namesIn(
  kind: NameKind,
  given: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const config = given.get('--config');
  const envFile = given.get('--env-file');
  try {
    const { loadConfig } = await import('../config.js');
    const { options } = await loadConfig({
      cwd: given.get('--cwd') ?? '.',
      ...(config !== undefined && { config }),
      ...(envFile !== undefined && { envFile }),
    });
    return [...new Set(await readers[kind](options, given))];
  } catch {
    // What is wrong with it is told by the command itself.
    return [];
  }
}

type Reader = (
  options: FragmentOptions,
  given: ReadonlyMap<string, string>,
) => readonly string[] | Promise<readonly string[]>;

const readers: Readonly<Record<NameKind, Reader>> = {
  destination: ({ destinations = [] }) =>
    destinations.length === 0
      ? ['log']
      : destinations.map((one) => ('missing' in one ? one.destination : one.name)),
  action({ destinations = [] }, given) {
    const of = given.get('--destination');
    return destinations.flatMap((one) =>
      'missing' in one || (of !== undefined && one.name !== of) ? [] : one.actions.map(({ name }) => name),
    );
  },
  source: async (options) => (await sourcesOf(options)).map(({ name }) => name),
  async trigger(options, given) {
    const of = given.get('source');
    const sources = await sourcesOf(options);
    return sources.flatMap(({ name, triggers }) =>
      of !== undefined && name !== of ? [] : triggers.map((trigger) => trigger.name),
    );
  },
};

/** Those of the configuration, else the one that takes their place. */
async function sourcesOf({ sources }: FragmentOptions): Promise<NonNullable<FragmentOptions['sources']>> {
  const { rest } = await import('@fragment/runtime');
  return sources ?? [rest()];
}

import { settingsFrom, settingsTable, settingsView, type FragmentSettings } from '@fragment/runtime';
import { loadConfig, type LoadedConfig } from '../config.js';
import { EXIT } from '../exit-codes.js';
import type { JsonFlags } from '../flags.js';
import { printJson, table } from '../output.js';

interface Shown {
  readonly name: string;
  readonly value: string;
  readonly source: 'option' | 'environment' | 'default';
  /** For people: the file of the configuration, the variable and the file it was read from. */
  readonly from: string;
  readonly secret: boolean;
}

/** Every setting that holds, where it comes from, and the secrets that the configuration asked for, all masked. */
export async function env(flags: JsonFlags): Promise<number> {
  const config = await loadConfig(flags);
  const settings = settingsFrom(config.options, process.env);
  const shown = [...settingsOf(settings, config), ...secretsOf(config)];
  if (flags.json) printJson(shown);
  else process.stdout.write(table(shown.map(({ name, value, from }) => [name, value, from])));
  return EXIT.ok;
}

const settingsOf = (settings: FragmentSettings, config: LoadedConfig): readonly Shown[] =>
  settingsView(settings).map((view) => {
    const row = settingsTable[view.name as keyof FragmentSettings];
    const from = {
      option: `option ${row.options.join(' or ')}`,
      environment: variableOf(row.variable, config),
      default: 'default',
    };
    return { ...view, from: from[view.source] };
  });

const secretsOf = (config: LoadedConfig): readonly Shown[] =>
  config.secrets.map((name) => ({
    name: `secret ${name}`,
    value: '••••••••',
    source: 'environment',
    from: variableOf(name, config),
    secret: true,
  }));

const variableOf = (name: string, { origins }: LoadedConfig): string => {
  const file = origins.get(name);
  return file === undefined ? `environment ${name}` : `${name} in ${file}`;
};

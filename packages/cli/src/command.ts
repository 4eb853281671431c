import { Command } from 'commander';

/** Takes the exit code of the command that ran. */
export type Done = (code: number) => void;

export function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .exitOverride()
    .showHelpAfterError('See --help of the command.')
    .option('--no-color', 'plain text, as with NO_COLOR');
}

/** A command that only holds others. */
export function group(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .usage('<command> [options]')
    .exitOverride()
    .showHelpAfterError('See --help of the command.');
}

export const CONFIG_FLAG = [
  '--config <file>',
  'configuration file (default: fragment.config.{ts,mts,js,mjs,json} here or above)',
] as const;

/** The flags of every command that needs the application. */
export function configured(name: string, description: string): Command {
  return command(name, description)
    .option(...CONFIG_FLAG)
    .option('--cwd <dir>', 'where to look for it', '.')
    .option(
      '--env-file <file>',
      'variables to add to the environment, instead of the .env files beside the configuration',
    );
}

/** Collects an option that may be given several times. */
export const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  value,
];

export const examples = (...lines: readonly string[]): string =>
  ['', 'Examples:', ...lines.map((line) => `  ${line}`)].join('\n');

export const JSON_FLAG = ['--json', 'one JSON document on stdout, errors too'] as const;

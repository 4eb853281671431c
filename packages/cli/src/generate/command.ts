import { InvalidArgumentError, Option, type Command } from 'commander';
import { command, CONFIG_FLAG, examples, group, JSON_FLAG, type Done } from '../command.js';
import type { GenerateFlags, Kind } from './flags.js';
import { HEADINGS } from '../headings.js';

/** `fragment generate <kind>`. What it needs is loaded when it runs. */
export function generateCommand(done: Done): Command {
  const leaf = (kind: Kind, description: string): Command =>
    shared(kind, description).action(async (flags: GenerateFlags) => {
      const { generatePiece } = await import('./generate.js');
      done(await generatePiece(kind, flags));
    });
  return group('generate', HEADINGS.generate.description)
    .addCommand(applicationFlags(leaf('application', 'A whole application, in a directory of its own.')))
    .addCommand(pieceFlags(leaf('source', 'A source, to which triggers are added.')))
    .addCommand(triggerFlags(pieceFlags(leaf('trigger', 'One way in which data arrives at a source.'))))
    .addCommand(exampled(leaf('flow', 'A flow: which actions an event becomes.'), '--name vip'))
    .addCommand(
      pieceFlags(leaf('destination', 'A destination with its first action and a fake of its vendor.')),
    )
    .addCommand(pieceFlags(leaf('action', 'One more kind of delivery of a destination.')))
    .addCommand(exampled(leaf('migration', 'A change of a schema and the way back.'), '--name add_users'));
}

function shared(kind: Kind, description: string): Command {
  return command(kind, description)
    .option('--name <name>', 'its name: lower-case letters, digits, - and _')
    .option('--path <dir>', PATHS[kind])
    .option('--no-comments', 'leave the comments out')
    .option('--cwd <dir>', 'where relative paths start', '.')
    .option('--dry-run', 'only tell what would be written')
    .addOption(new Option('--dryrun', 'the same').hideHelp().implies({ dryRun: true }))
    .option('-y, --yes', 'ask nothing: what is not given has its default')
    .option(...JSON_FLAG);
}

/** What is said about `--path`. */
const PATHS: Readonly<Record<Kind, string>> = {
  application: 'the directory to make (default: the name)',
  source: 'its directory (default: sources/<name> beside the configuration)',
  trigger: 'the directory of its source (default: the only one below sources)',
  flow: 'the directory for it (default: flows beside the configuration)',
  destination: 'its directory (default: destinations/<name> beside the configuration)',
  action: 'the directory of its destination (default: the only one below destinations)',
  migration: 'the directory for it (default: migrations beside the configuration)',
};

/** What every piece of an application has. */
const configured = (command: Command): Command => command.option(...CONFIG_FLAG);

const exampled = (command: Command, flags: string): Command =>
  configured(command).addHelpText('after', examples(`fragment generate ${command.name()} ${flags}`));

const EXAMPLES: Readonly<Partial<Record<string, string>>> = {
  source: '--name shop --hooks',
  trigger: '--name order --mode http --path sources/shop',
  destination: '--name crm --dry-run',
  action: '--name identify --path destinations/crm',
};

const pieceFlags = (command: Command): Command =>
  exampled(command, EXAMPLES[command.name()] ?? '')
    .option('--hooks', 'with code that runs before the first event and after the last')
    .option('--migrations', 'with a first migration');

const triggerFlags = (command: Command): Command =>
  command.addOption(
    new Option('--mode <mode>', 'how data arrives: http, cron, cdc or sub (subscription)').argParser(mode),
  );

const applicationFlags = (command: Command): Command =>
  command
    .option(
      '--destinations <names>',
      'amplitude, mailchimp, segment, webhook: with commas between them',
      list,
    )
    .option('--packages <dir>', 'take the Fragment packages from the tarballs there, instead of the registry')
    .addHelpText(
      'after',
      examples('fragment generate application --name my-cdp --destinations amplitude,webhook'),
    );

function mode(text: string): GenerateFlags['mode'] {
  if (text === 'subscription') return 'sub';
  if (text === 'http' || text === 'cron' || text === 'cdc' || text === 'sub') return text;
  throw new InvalidArgumentError('It must be http, cron, cdc or sub.');
}

function list(text: string): GenerateFlags['destinations'] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(vendor);
}

function vendor(text: string): NonNullable<GenerateFlags['destinations']>[number] {
  if (text === 'amplitude' || text === 'mailchimp' || text === 'segment' || text === 'webhook') return text;
  throw new InvalidArgumentError(`"${text}" is none of amplitude, mailchimp, segment, webhook.`);
}

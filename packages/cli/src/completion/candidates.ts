import type { Command, Option } from 'commander';
import { STATUSES } from '../values.js';
import { namesIn, type NameKind } from './names.js';

/** A word that may stand there. */
export interface Candidate {
  readonly word: string;
  readonly about?: string;
}

/** What may follow the words before it. None: whatever it is, it is not for us to say. */
export async function candidates(
  program: Command,
  before: readonly string[],
  begun: string,
): Promise<readonly Candidate[]> {
  const { command, awaiting, given, values } = walk(program, before);
  const named = async (kind: NameKind): Promise<readonly Candidate[]> => wordsOf(await namesIn(kind, values));
  if (awaiting !== undefined) {
    const kind = NAMED_BY_FLAG[awaiting.long ?? ''];
    return kind === undefined ? wordsOf(valuesOf(awaiting)) : named(kind);
  }
  if (begun.startsWith('-')) return flagsOf(command);
  const argument = command.registeredArguments[given];
  if (argument?.argChoices) return wordsOf(argument.argChoices);
  if (argument !== undefined) {
    const kind = NAMED_BY_ARGUMENT[argument.name()];
    return kind === undefined ? [] : named(kind);
  }
  return command
    .createHelp()
    .visibleCommands(command)
    .map((child) => ({ word: child.name(), about: child.description() }));
}

/** Flags whose value is a name of the application. */
const NAMED_BY_FLAG: Readonly<Record<string, NameKind>> = {
  '--destination': 'destination',
  '--action': 'action',
  '--source': 'source',
  '--trigger': 'trigger',
};

const NAMED_BY_ARGUMENT: Readonly<Record<string, NameKind>> = {
  destination: 'destination',
  source: 'source',
  trigger: 'trigger',
};

/** Flags whose values are known and no choices of commander's, as they may be repeated or have other names. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  '--status': STATUSES,
  '--mode': ['http', 'cron', 'cdc', 'sub'],
  '--type': ['identify', 'track', 'page', 'screen', 'group', 'alias'],
};

const valuesOf = ({ long, argChoices }: Option): readonly string[] => argChoices ?? VALUES[long ?? ''] ?? [];

const wordsOf = (words: readonly string[]): readonly Candidate[] => words.map((word) => ({ word }));

const flagsOf = (command: Command): readonly Candidate[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long ? [{ word: long, about: description }] : []));

interface Place {
  readonly command: Command;
  /** The flag whose value comes next. */
  readonly awaiting: Option | undefined;
  /** How many arguments are there already. */
  readonly given: number;
  /** What was given for flags, and for arguments under their names. */
  readonly values: ReadonlyMap<string, string>;
}

/** Where the words lead to. */
function walk(program: Command, words: readonly string[]): Place {
  const values = new Map<string, string>();
  let command = program;
  let awaiting: Option | undefined;
  let given = 0;
  for (const word of words) {
    if (awaiting) {
      values.set(awaiting.long ?? '', word);
      awaiting = undefined;
    } else if (word.startsWith('-')) {
      const option = command.options.find(({ long, short }) => word === long || word === short);
      awaiting = option?.required === true || option?.optional === true ? option : undefined;
    } else {
      const child = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
      if (child) command = child;
      else {
        values.set(command.registeredArguments[given]?.name() ?? '', word);
        given += 1;
      }
    }
  }
  return { command, awaiting, given, values };
}

import { describe, expect, it } from '@jest/globals';
import { Help } from 'commander';
import { HEADINGS } from './headings.js';
import { createProgram } from './program.js';

const done = (): void => undefined;

describe('the program', () => {
  it('says the same of a command whether it is made or only named', async () => {
    const whole = await createProgram(done);
    expect((await createProgram(done, [])).helpInformation()).toBe(whole.helpInformation());
    const terms = whole.commands.map((command) => [command.name(), new Help().subcommandTerm(command)]);
    expect(Object.fromEntries(terms)).toEqual(
      Object.fromEntries(Object.entries(HEADINGS).map(([name, { term }]) => [name, term])),
    );
  });

  it('makes the commands that are wanted, under either name, and no others', async () => {
    const program = await createProgram(done, ['build', 'jobs']);
    const made = program.commands.filter(({ options, commands }) => options.length + commands.length > 0);
    expect(made.map((command) => command.name())).toEqual(['check', 'jobs']);
  });
});

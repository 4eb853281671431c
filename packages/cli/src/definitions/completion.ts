import { Argument, type Command } from 'commander';
import { command, examples, type Done } from '../command.js';
import { SHELLS, type Shell } from '../completion/scripts.js';
import { HEADINGS } from '../headings.js';

export function completionCommand(done: Done): Command {
  return command('completion', HEADINGS.completion.description)
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText(
      'after',
      `${examples(
        'eval "$(fragment completion bash)"',
        'eval "$(fragment completion zsh)"',
        'fragment completion fish | source',
        'fragment completion powershell | Out-String | Invoke-Expression',
      )}

Names of sources, triggers, destinations and actions are those of the configuration; nothing is connected to.`,
    )
    .action(async (shell: Shell) => {
      const { completion } = await import('../commands/completion.js');
      done(completion(shell));
    });
}

import { isCancel, multiselect, text } from '@clack/prompts';
import { nameProblem, VENDORS, type Vendor } from '@fragment/scaffold';

const DEFAULT_NAME = 'my-cdp';

interface Answers {
  readonly name?: string;
  readonly destinations?: readonly Vendor[];
}

/** Asks for what was not said; both have a flag. */
export async function ask(said: Answers): Promise<Answers | 'cancelled'> {
  // Questions are talk: stdout is for results.
  const output = process.stderr;
  const name =
    said.name ??
    (await text({
      message: 'What is it called?',
      placeholder: DEFAULT_NAME,
      defaultValue: DEFAULT_NAME,
      validate,
      output,
    }));
  if (isCancel(name)) return 'cancelled';
  if (said.destinations) return { name };
  const destinations = await multiselect({
    message: 'Where do events go? None: the log shows them.',
    options: VENDORS.map((value) => ({ value, label: value })),
    required: false,
    output,
  });
  return isCancel(destinations) ? 'cancelled' : { name, destinations };
}

/** Nothing typed stands for the default. */
function validate(name = ''): string | undefined {
  if (name === '') return undefined;
  const problem = nameProblem(name);
  return problem === undefined ? undefined : `It ${problem}.`;
}

import { rows } from '../row.js';

/** What the `fragment` command says of itself. */
export const cliErrors = rows({
  FRAGMENT_CLI_USAGE: {
    status: 500,
    message: 'The command cannot be carried out as it was written.',
    advice: 'See --help of the command.',
  },
  FRAGMENT_CLI_LATER: {
    status: 501,
    message: 'This version does not have that yet.',
    advice: 'The sentence above names what it waits for; nothing was changed.',
  },
  FRAGMENT_CLI_NOTHING_MATCHED: {
    status: 404,
    message: 'Nothing matched.',
    advice: 'Widen the filters, or leave out --fail-if-empty.',
  },
  FRAGMENT_CLI_REMOTE_UNREACHABLE: {
    status: 503,
    message: 'The admin API cannot be reached.',
    advice: 'Check --url: it is where the scheduler listens, for instance http://127.0.0.1:9091.',
  },
  FRAGMENT_CLI_REMOTE_REFUSED: {
    status: 502,
    message: 'The admin API refused what was asked.',
    advice: 'Its own answer follows. A token goes into the variable FRAGMENT_ADMIN_TOKEN.',
  },
});

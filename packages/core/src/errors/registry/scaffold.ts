import { rows } from '../row.js';

/** What keeps a generator from writing. Nothing is written then. */
export const scaffoldErrors = rows({
  FRAGMENT_SCAFFOLD_CONFLICT: {
    status: 409,
    message: 'Something is in the way of what would be written.',
    advice:
      'Nothing was written and nothing is ever overwritten: choose another --name or --path, or move what is there.',
  },
  FRAGMENT_SCAFFOLD_NOT_WRITTEN: {
    status: 500,
    message: 'The files could not be written.',
    advice: 'Whatever was written was taken back. Check that the directory exists, is yours and has room.',
  },
});

import { FragmentError, isFragmentError, type Validation } from '@fragment/core';

type Factories = Readonly<Record<string, () => unknown>>;

/**
 * Calls every factory, also after one has refused its options, so that a person learns everything in one go.
 * @throws {FragmentError} FRAGMENT_CONFIG_INVALID with the problems of all; any other error as it came.
 */
export function allProblems<F extends Factories>(factories: F): { [K in keyof F]: ReturnType<F[K]> } {
  const problems: Validation[] = [];
  const made = Object.entries(factories).map(([name, factory]) => {
    try {
      return [name, factory()];
    } catch (error) {
      if (!isFragmentError(error, 'FRAGMENT_CONFIG_INVALID')) throw error;
      problems.push(...error.validations);
      return [name, undefined];
    }
  });
  if (problems.length > 0) {
    const detail = problems.map(({ message }) => message).join('; ');
    throw new FragmentError('FRAGMENT_CONFIG_INVALID', { detail, validations: problems });
  }
  return Object.fromEntries(made) as { [K in keyof F]: ReturnType<F[K]> };
}

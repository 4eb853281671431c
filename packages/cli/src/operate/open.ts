import type { OperatorFlags } from '../flags.js';
import type { Operator } from './operator.js';

async function openOperator(flags: OperatorFlags): Promise<Operator> {
  if (flags.url !== undefined) {
    const { remoteOperator } = await import('./remote.js');
    return remoteOperator(flags.url, flags);
  }
  const { localOperator } = await import('./local.js');
  return localOperator(flags);
}

/**
 * Runs `work` with an operator and lets go of it afterwards.
 * @throws {FragmentError} as the configuration, the store or the admin API do
 */
export async function withOperator<T>(
  flags: OperatorFlags,
  work: (operator: Operator) => Promise<T>,
): Promise<T> {
  const operator = await openOperator(flags);
  try {
    return await work(operator);
  } finally {
    await operator.close();
  }
}

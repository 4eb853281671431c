import type { OperatorFlags } from '../flags.js';
import { quietFragment } from '../quiet.js';
import { localActing } from './local-acting.js';
import { localSeeing } from './local-seeing.js';
import type { Operator } from './operator.js';

/** On the store of the configuration. An embedded one is attached to, or started where nobody has it open. */
export async function localOperator(flags: OperatorFlags): Promise<Operator> {
  const { fragment } = await quietFragment(flags);
  const { app, operations } = fragment;
  try {
    await fragment.open();
  } catch (error) {
    await fragment.stop();
    throw error;
  }
  return {
    ...localSeeing(app, operations),
    ...localActing(operations),
    close: () => fragment.stop(),
  };
}

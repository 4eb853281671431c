import type { MappingSettings } from '../options.js';
import type { UserMapping } from '../vendor.js';
import { amplitudeOptionsOf } from './amplitude-options.js';
import { usableId } from './ids.js';
import type { Fields } from './read.js';

/** `previousId` becomes an id of `userId`; `integrations.Amplitude.unmap` names an id whose mapping is taken back. */
export function mapAlias(
  message: Fields,
  { minIdLength }: MappingSettings,
): UserMapping | { invalid: string } {
  const unmapped = usableId(amplitudeOptionsOf(message)['unmap'], minIdLength);
  if (unmapped !== undefined) return { user_id: unmapped, unmap: true };
  const previous = usableId(message['previousId'], minIdLength);
  const user = usableId(message['userId'], minIdLength);
  if (previous === undefined || user === undefined)
    return { invalid: 'The message has no userId and previousId that Amplitude takes.' };
  return { user_id: previous, global_user_id: user };
}

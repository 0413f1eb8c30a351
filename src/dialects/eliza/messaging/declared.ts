/** Routes of channels have a second address: older clients, and the published documents, know them by it. */
import type { Operation } from '../../../contract/operation.ts';
import { alsoAt } from '../also-at.ts';

const channels = '/api/messaging/channels';
const central = '/api/messaging/central-channels';

/** Also below `/central-channels`, and at `others`. */
export function aliased(operation: Operation, ...others: readonly string[]): readonly Operation[] {
  return alsoAt(operation, operation.path.replace(channels, central), ...others);
}

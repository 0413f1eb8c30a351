/** The other addresses of what is documented once: older clients and the published documents know them. */
import type { Operation } from '../../../contract/operation.ts';

const channels = '/api/messaging/channels';
const central = '/api/messaging/central-channels';

/** A route of channels, and the same below `/central-channels`. */
export function aliased(operation: Operation): readonly Operation[] {
  return [operation, alsoAt(operation, operation.path.replace(channels, central), 'Central')];
}

/** `name` tells the addresses of one operation apart. */
export function alsoAt(operation: Operation, path: string, name: string): Operation {
  return { ...operation, id: `${operation.id}${name}`, path, isAlias: true };
}

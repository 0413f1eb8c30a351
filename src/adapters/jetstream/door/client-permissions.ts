/** What a principal may do on NATS (architecture.md §7): this and nothing else. */
import type { Principal } from '../../../domain/principal.ts';
import { token } from '../subjects.ts';
import { viewOf } from './client-name.ts';
import { inboxesOf } from './inboxes.ts';

export interface ClientPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** `ownsId`: the principal has its id before all others of the deployment (inboxes.ts). */
export function permissionsOf(principal: Principal, ownsId: boolean): ClientPermissions {
  const [tenant, self] = [token(principal.tenant), token(principal.id)];
  const inboxes = inboxesOf(principal.tenant, principal.id, ownsId);
  return {
    publish: [`api.${tenant}.${self}.>`, '$SRV.>'],
    subscribe: [
      ...inboxes.map((inbox) => `${inbox}.>`),
      `inbox.${tenant}.${self}.>`,
      ...followed(principal).map((place) => `live.${place}.>`),
      ...followed(principal).map((place) => `pulse.${place}.>`),
    ],
  };
}

/** Membership changes faster than permissions here, so users and agents follow on the socket, not on NATS. */
function followed(principal: Principal): readonly string[] {
  const view = viewOf(principal);
  if (view.of === 'none') return [];
  const tenant = token(principal.tenant);
  return [view.of === 'tenant' ? tenant : `${tenant}.${token(view.service)}`];
}

/** Message servers as callers find them: those that were made, and the default one, which is always there. */
import type { TenantId } from '../../../../domain/ids.ts';
import { isAdministrator, type Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import { formatMicros } from '../../../../domain/time.ts';
import type { MessageServer } from '../../../../ports/agents/message-servers.ts';
import type { ElizaDeps } from '../../deps.ts';
import { defaultServer } from '../../wire.ts';
import { actsForServer } from '../acting.ts';
import type { ServerRow } from './wire.ts';

const firstServer: MessageServer = {
  ...{ id: defaultServer, name: 'Default Server', sourceType: 'eliza_default', sourceId: null, metadata: {} },
  ...{ createdAt: 0, updatedAt: 0 },
};

/** The default one first. */
export async function allServers(
  { servers }: Pick<ElizaDeps, 'servers'>,
  tenant: TenantId,
): Promise<readonly MessageServer[] | Problem> {
  const made = await servers.list(tenant);
  return made instanceof Problem ? made : [firstServer, ...made];
}

/** Null: there is none. */
export async function findServer(
  { servers }: Pick<ElizaDeps, 'servers'>,
  tenant: TenantId,
  id: string,
): Promise<MessageServer | null | Problem> {
  return id === defaultServer ? firstServer : await servers.find(tenant, id);
}

/** Null when it is there. */
export async function refuseServer(
  deps: Pick<ElizaDeps, 'servers'>,
  tenant: TenantId,
  id: string,
): Promise<Problem | null> {
  const found = await findServer(deps, tenant, id);
  return found === null ? noServer(id) : found instanceof Problem ? found : null;
}

export function noServer(id: string): Problem {
  return new Problem('not_found', `Server ${id} does not exist`);
}

/** Message servers are shared by everybody of a tenant: null for who may change them. */
export function refuseAdministration(caller: Principal): Problem | null {
  if (actsForServer(caller) || isAdministrator(caller)) return null;
  return new Problem('forbidden', 'Only services and administrators may change message servers');
}

export function encodeServer(server: MessageServer): ServerRow {
  const { id, name, sourceType, sourceId, metadata, createdAt, updatedAt } = server;
  return {
    ...{ id, name, sourceType, ...(sourceId === null ? {} : { sourceId }), metadata },
    ...{ createdAt: formatMicros(createdAt), updatedAt: formatMicros(updatedAt) },
  };
}

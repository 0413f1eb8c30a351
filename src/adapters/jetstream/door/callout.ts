/**
 * The auth callout: nats-server asks who a client is, and any node answers (they share the queue group). With
 * no node to answer the client is refused when the server's timeout is over, and tries again.
 */
import type { Msg } from '@nats-io/transport-node';
import type { PrincipalId, TenantId } from '../../../domain/ids.ts';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Authenticator } from '../../../ports/identity/identity-authenticator.ts';
import type { NamedPrincipals } from '../../../ports/identity/named-principals.ts';
import type { Logger } from '../../../ports/logger.ts';
import type { KeptConnection } from '../connections/connection.ts';
import type { CalloutKeys, CalloutRequest, Grant } from './callout-keys.ts';
import { clientNameOf } from './client-name.ts';
import { permissionsOf } from './client-permissions.ts';

export interface CalloutDeps {
  readonly authenticate: Authenticator['authenticate'];
  readonly ownsId: NamedPrincipals['ownsId'];
  /** Connections of a principal, as far as this node has heard of them. */
  readonly connectionsOf: (tenant: TenantId, id: PrincipalId) => number;
  readonly keys: CalloutKeys;
  readonly log: Logger;
  readonly onRefused: (problem: Problem) => void;
}

const subject = '$SYS.REQ.USER.AUTH';
const queue = 'parley';

/** Answers from now on, for as long as the connection is open. */
export function answerCallouts({ connection }: KeptConnection, deps: CalloutDeps): void {
  let inFlight = 0;

  async function answer(message: Msg): Promise<void> {
    const { keys, log } = deps;
    const request = keys.open(message.data, message.headers?.get('Nats-Server-Xkey') ?? '');
    if (request === null) {
      log.warn({}, 'A callout cannot be read: does nats-server know the xkey of these credentials?');
      return;
    }
    const granted =
      inFlight > limits.natsCalloutsInFlightMax ? overloaded('nats_callouts') : await timely(decide(request));
    if (granted instanceof Problem) deps.onRefused(granted);
    message.respond(
      granted instanceof Problem
        ? await keys.refuse(request, granted.reason ?? granted.code)
        : await keys.grant(request, granted),
    );
  }

  async function decide({ secret }: CalloutRequest): Promise<Grant | Problem> {
    const principal = await deps.authenticate({ bearer: secret });
    if (principal instanceof Problem) return principal;
    const { tenant, id } = principal;
    // A provider's key speaks in the name of its person, and a subject could not tell it from the person.
    if (principal.recheckAt !== undefined && principal.kind !== 'user')
      return new Problem('forbidden', undefined, { reason: 'external_key' });
    if (deps.connectionsOf(tenant, id) >= limits.natsClientsPerPrincipalMax)
      return overloaded('nats_connections', undefined, { reason: 'too_many_connections' });
    const ownsId = await deps.ownsId(tenant, id);
    if (ownsId instanceof Problem) return ownsId;
    return {
      name: clientNameOf(principal),
      permissions: permissionsOf(principal, ownsId),
      expiresAtSec: endOf(principal),
    };
  }

  connection.subscribe(subject, {
    queue,
    callback: (_error, message) => {
      inFlight += 1;
      answer(message)
        .catch((error: unknown) => deps.log.error({ error }, 'A callout could not be answered'))
        .finally(() => {
          inFlight -= 1;
        });
    },
  });
}

/**
 * A key's connection ends with the key. A person's token is short and renewed beside it; its session is not. Of
 * who comes from outside nobody tells us what becomes of it: it shows its token again.
 */
function endOf({ kind, expiresAt, recheckAt }: Principal): number | null {
  const nowSec = Math.floor(Date.now() / 1000);
  const keySec = expiresAt === null ? null : Math.ceil(expiresAt / 1_000_000);
  if (recheckAt !== undefined)
    return Math.min(nowSec + limits.externalGraceMs / 1000, keySec ?? Number.POSITIVE_INFINITY);
  return kind === 'user' ? nowSec + limits.natsPersonSec : keySec;
}

async function timely<T>(work: Promise<T>): Promise<T | Problem> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Problem>((resolve) => {
    timer = setTimeout(() => resolve(new Problem('unavailable')), limits.natsCalloutMsMax);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

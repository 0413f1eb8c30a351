/** Who a handshake is, and what its socket is bound to: decided before the upgrade (generalbots.md §4.1). */
import { fieldProblem } from '../../../contract/checking/field-errors.ts';
import type { Handshake, SocketContext } from '../../../contract/sockets/socket.ts';
import { type ConversationId, canonicalUuid, type PrincipalId } from '../../../domain/ids.ts';
import { guestTenant } from '../../../domain/limiting/guest-limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { NewGuest } from '../../../ports/identity/identity-service.ts';
import type { ChatDeps } from '../deps.ts';
import { type Caller, enter } from '../place.ts';
import { findBot, startConversation } from '../start-conversation.ts';

/** What a socket speaks in: a session that is there, or begins with the first message. */
export interface Bound {
  readonly principal: Principal;
  readonly session: string;
  readonly conversation: ConversationId;
  readonly bot: PrincipalId;
  readonly isBegun: boolean;
}

export interface Admitted {
  readonly bound: Bound;
  /** Of the credentials that were shown; null: none were. */
  readonly shown: Principal | null;
  /** Set when the handshake made one. */
  readonly guest: NewGuest | null;
  /** Answers come in pieces, where a message does not say otherwise. */
  readonly streams: boolean;
}

/** Who asks for a session, and the environment (`X-Env`) in which alone it looks; null: in all. */
interface Asking {
  readonly shown: Principal | null;
  readonly env: string | null;
}

export const queryNames = ['session_id', 'user_id', 'bot_name', 'stream'];
const defaultBot = 'default';
const switches: Readonly<Record<string, boolean>> = { '1': true, true: true, '0': false, false: false };

export async function admit(
  deps: ChatDeps,
  handshake: Handshake,
  shown: Principal | null,
  context: SocketContext,
): Promise<Admitted | Problem> {
  const streams = switches[handshake.query('stream') ?? '0'];
  if (streams === undefined) return fieldProblem([{ path: 'stream', reason: 'not_allowed' }]);
  const bot = handshake.parameter ?? handshake.query('bot_name') ?? defaultBot;
  if (bot === '') return fieldProblem([{ path: 'bot_name', reason: 'format' }]);
  const user = handshake.query('user_id');
  if (shown !== null && user !== undefined && (canonicalUuid(user) ?? user) !== shown.id)
    return new Problem('forbidden', 'user_id names somebody else than the credential.');
  const asked = handshake.query('session_id') ?? '';
  if (asked !== '') {
    const bound = await findSession(deps, { shown, env: context.env }, asked);
    return bound instanceof Problem ? bound : { bound, shown, guest: null, streams };
  }
  const found = await findBot(deps, shown?.tenant ?? guestTenant, bot);
  if (found instanceof Problem) return found;
  if (shown !== null) return { bound: newBound(deps, shown, found.id), shown, guest: null, streams };
  // Asked now: afterwards the client may be gone.
  const { refused } = deps.windows.take({ address: handshake.address }, 'guest-session');
  if (refused !== null) return refused;
  const guest = await deps.guests.admit();
  if (guest instanceof Problem) return guest;
  const bound = await begin(deps, newBound(deps, guest.principal, found.id), context);
  return bound instanceof Problem ? bound : { bound, shown: guest.principal, guest, streams };
}

/** Ids for a session that begins with its first message. */
function newBound({ bus, sessions }: ChatDeps, principal: Principal, bot: PrincipalId): Bound {
  const conversation = bus.newConversationId();
  return { principal, session: sessions.newId(), conversation, bot, isBegun: false };
}

export async function begin(
  deps: ChatDeps,
  bound: Bound,
  context: Parameters<typeof startConversation>[2]['context'],
): Promise<Bound | Problem> {
  const { principal, session, conversation, bot } = bound;
  const wanted = { bot: { id: bot }, conversation, session, service: principal.service, context };
  const begun = await startConversation(deps, principal, wanted);
  return begun instanceof Problem ? begun : { ...bound, isBegun: true };
}

/**
 * A session of who showed a credential, or a guest's, of which the id is all that is needed. Every other one is
 * `not_found`.
 */
export async function findSession(
  deps: ChatDeps,
  { shown, env }: Asking,
  asked: string,
): Promise<Bound | Problem> {
  const id = canonicalUuid(asked);
  if (id === null) return new Problem('not_found');
  const own = shown === null ? null : await deps.sessions.use(shown.tenant, { id });
  if (own instanceof Problem) return own;
  if (shown !== null && own?.principal === shown.id)
    return await bind(deps, { principal: shown, env }, id, own.conversation);
  const guests = await deps.sessions.use(guestTenant, { id });
  if (guests instanceof Problem) return guests;
  if (guests === null || guests.sid === null) return new Problem('not_found');
  const guest = await deps.guests.ofSession(guests.sid);
  if (guest instanceof Problem) return guest.code === 'unavailable' ? guest : new Problem('not_found');
  return await bind(deps, { principal: guest, env }, id, guests.conversation);
}

async function bind(
  deps: ChatDeps,
  caller: Caller,
  session: string,
  conversation: ConversationId,
): Promise<Bound | Problem> {
  const { principal } = caller;
  const place = await enter(deps, caller, conversation);
  return place instanceof Problem
    ? place
    : { principal, session, conversation, bot: place.bot, isBegun: true };
}

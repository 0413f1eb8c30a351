/** The end of a channel, and of what was said in it. */
import type { ControlCommand } from '../../../../domain/command.ts';
import type { ConversationId, PrincipalId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import { isAdministrator, type Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { ElizaDeps } from '../../deps.ts';
import { actsForServer, contextOf, managerOf, refuseUnmanaged, type Said } from '../acting.ts';
import { inWords, noChannel, readableChannel } from './channel.ts';

type Deps = Pick<ElizaDeps, 'bus'>;

/**
 * `not_found`: not there, or not for the caller; what it knew and is deleted already is no refusal. `isForced`: an
 * administrator need not take part, and the environment does not matter.
 */
export async function deleteChannel(
  { bus }: Deps,
  caller: Principal,
  channel: ConversationId,
  said: Said,
  isForced = false,
): Promise<Problem | null> {
  const found = await bus.stateOf(caller.tenant, channel);
  if (found instanceof Problem) return found;
  if (found === null) return await refuseGone(bus, caller, channel);
  const asAdministrator = isForced && isAdministrator(caller) && !actsForServer(caller);
  const manager = isForced || actsForServer(caller) ? managerOf(caller, found.state) : caller;
  const command = asAdministrator
    ? ({ op: 'conversation.delete', asAdministrator } as const)
    : ({ op: 'conversation.delete', managersMay: true } as const);
  const context = bus.context(channel, { ...contextOf(said), ...(isForced ? { env: null } : {}) });
  const outcome = inWords(await bus.dispatch(manager, command, context));
  return outcome instanceof Problem ? outcome : null;
}

/** Null when the caller may know that it was there. */
async function refuseGone(
  bus: Deps['bus'],
  caller: Principal,
  channel: ConversationId,
): Promise<Problem | null> {
  if (actsForServer(caller)) {
    const status = await bus.statusOf(caller.tenant, channel);
    return status instanceof Problem ? status : status === 'deleted' ? null : noChannel();
  }
  const wasDeleted = await bus.wasDeleted(caller, channel);
  return wasDeleted instanceof Problem ? wasDeleted : wasDeleted ? null : noChannel();
}

/** Tells sockets that the messages before it are gone: no effect but that (common.md, control events). */
export const clearedEvent = 'x.eliza.cleared';

function clearedCommand(upToSeq: number): ControlCommand {
  return {
    ...{ op: 'control', event: clearedEvent, target: null, reason: null, run: null, priority: null },
    ...{ preemptedBy: null, metadata: { up_to_seq: upToSeq }, roleSuffices: false },
  };
}

/**
 * Every message that the caller may delete, from the newest on, whatever comes meanwhile; `forbidden` where it may
 * not delete those of others. Bounded by limits.channelClearRoundsMax pages.
 */
export async function clearChannel(
  deps: Deps,
  caller: Principal,
  channel: ConversationId,
  said: Said,
): Promise<Problem | null> {
  const found = await readableChannel(deps, caller, channel, said);
  if (found instanceof Problem) return found;
  const refused = refuseUnmanaged(caller, found.state);
  if (refused !== null) return refused;
  const manager = managerOf(caller, found.state);
  const role = found.state.participants.get(manager.id)?.role;
  if (role === undefined) return noChannel();
  if (role === 'member') {
    return new Problem('forbidden', 'Only an owner or an admin may clear the channel', {
      reason: 'not_a_manager',
    });
  }
  const deleted = await deleteMessages(
    deps,
    manager,
    channel,
    { upToSeq: found.state.seq, author: null },
    said,
  );
  if (deleted instanceof Problem) return deleted;
  // Whoever may delete all of it may say so.
  const herald: Principal = { ...manager, scopes: [...manager.scopes, 'cap:messaging.interrupt'] };
  const context = deps.bus.context(channel, contextOf(said));
  const told = await deps.bus.dispatch(herald, clearedCommand(found.state.seq), context);
  return told instanceof Problem && told.code !== 'not_found' ? told : null;
}

/**
 * Every message of one author, and how many there were; `forbidden` where the author is another and the caller manages
 * nothing. Bounded like clearChannel().
 */
export async function deleteMessagesOf(
  deps: Deps,
  caller: Principal,
  channel: ConversationId,
  author: PrincipalId,
  said: Said,
): Promise<number | Problem> {
  const found = await readableChannel(deps, caller, channel, said);
  if (found instanceof Problem) return found;
  const manager = managerOf(caller, found.state, found.state.participants.get(author));
  const role = found.state.participants.get(manager.id)?.role;
  if (role === undefined) return noChannel();
  if (role === 'member' && author !== manager.id) {
    return new Problem('forbidden', 'Only an owner or an admin may delete the messages of others', {
      reason: 'not_a_manager',
    });
  }
  return await deleteMessages(deps, manager, channel, { upToSeq: found.state.seq, author }, said);
}

interface Meant {
  readonly upToSeq: number;
  /** Null: anybody. */
  readonly author: PrincipalId | null;
}

/** Newest first; what comes while they are deleted is not meant. How many there were. */
async function deleteMessages(
  deps: Deps,
  manager: Principal,
  channel: ConversationId,
  { upToSeq, author }: Meant,
  said: Said,
): Promise<number | Problem> {
  let beforeSeq = upToSeq + 1;
  let count = 0;
  for (let round = 0; round < limits.channelClearRoundsMax; round += 1) {
    const range = { beforeSeq, limit: limits.historyPageMax, keep: 'newest' } as const;
    const page = await deps.bus.history(manager, channel, range);
    if (page instanceof Problem) return page;
    const messages = page.entries.flatMap(({ event, deletedAt }) => {
      if (event.type !== 'message.posted' || deletedAt !== null) return [];
      return author === null || event.actor.id === author ? [event.data.message_id] : [];
    });
    for (let at = 0; at < messages.length; at += limits.channelClearedAtOnce) {
      const some = messages.slice(at, at + limits.channelClearedAtOnce);
      const outcomes = await Promise.all(
        some.map((message) =>
          deps.bus.dispatch(manager, { op: 'delete', message }, deps.bus.context(channel, contextOf(said))),
        ),
      );
      const failed = outcomes.find((one) => one instanceof Problem && one.code !== 'not_found');
      if (failed instanceof Problem) return failed;
      count += outcomes.filter((one) => !(one instanceof Problem)).length;
    }
    const first = page.entries[0]?.event.seq ?? null;
    if (!page.hasMore || first === null) return count;
    beforeSeq = first;
  }
  return count;
}

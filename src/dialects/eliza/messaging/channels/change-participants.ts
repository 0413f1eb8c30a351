/** Who takes part in a channel, as a whole. */
import type { Command } from '../../../../domain/command.ts';
import type { PrincipalId } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { ElizaDeps } from '../../deps.ts';
import { contextOf, managerOf, refuseUnmanaged, type Said } from '../acting.ts';
import { type Channel, inWords } from './channel.ts';
import { kindsOf } from './kinds-of.ts';

type Deps = Pick<ElizaDeps, 'bus' | 'directory'>;

/** Adds who is missing, all or none, as whoever manages the channel may. `otherwise`: what strangers are taken for. */
export async function addParticipants(
  { bus, directory }: Deps,
  caller: Principal,
  channel: Channel,
  ids: readonly PrincipalId[],
  said: Said,
  otherwise: 'user' | 'agent' = 'agent',
): Promise<Channel | Problem> {
  const { ref, state } = channel;
  const missing = [...new Set(ids)].filter((id) => !state.participants.has(id));
  if (missing.length === 0) return channel;
  const refused = refuseUnmanaged(caller, state);
  if (refused !== null) return refused;
  const kinds = await kindsOf(directory, ref.tenant, missing, otherwise);
  if (kinds instanceof Problem) return kinds;
  const all = [...kinds].map(([id, kind]) => ({ id, kind, role: 'member' as const }));
  let now: Channel = channel;
  for (let at = 0; at < all.length; at += limits.participantsAddedMax) {
    const participants = all.slice(at, at + limits.participantsAddedMax);
    const context = bus.context(ref.conversation, contextOf(said));
    const command = { op: 'participants.add', participants } as const;
    const outcome = inWords(await bus.dispatch(managerOf(caller, state), command, context));
    if (outcome instanceof Problem) return outcome;
    now = outcome;
  }
  return now;
}

/** An owner that goes hands over first: clients of this API know of no owners. `conflict`: nobody would be left. */
export async function removeParticipant(
  { bus }: Pick<Deps, 'bus'>,
  caller: Principal,
  { ref, state }: Channel,
  participant: PrincipalId,
  said: Said,
): Promise<Channel | Problem> {
  const present = state.participants.get(participant);
  const manager = managerOf(caller, state, present);
  const remove = { op: 'participant.remove', participant } as const;
  const heir = [...state.participants.values()].find(({ id }) => id !== participant);
  if (heir === undefined) return new Problem('conflict', 'A channel needs somebody who takes part');
  const hasOtherOwner = [...state.participants.values()].some(
    ({ id, role }) => role === 'owner' && id !== participant,
  );
  const isOwnerThatGoes = present?.role === 'owner' && manager.id === participant && !hasOtherOwner;
  const next = { ...manager, id: heir.id, kind: heir.kind };
  const steps: readonly (readonly [Principal, Command])[] = isOwnerThatGoes
    ? [
        [manager, { op: 'participant.role', participant: heir.id, role: 'owner' }],
        [next, { op: 'participant.role', participant, role: 'member' }],
        [next, remove],
      ]
    : [[manager, remove]];
  let now: Channel | Problem = { ref, state };
  for (const [by, command] of steps) {
    now = inWords(await bus.dispatch(by, command, bus.context(ref.conversation, contextOf(said))));
    if (now instanceof Problem) return now;
  }
  return now;
}

/** Adds who is missing, then removes who is not named. */
export async function replaceParticipants(
  deps: Deps,
  caller: Principal,
  channel: Channel,
  ids: readonly PrincipalId[],
  said: Said,
): Promise<Channel | Problem> {
  const wanted = new Set(ids);
  let now = await addParticipants(deps, caller, channel, ids, said, 'user');
  for (const id of channel.state.participants.keys()) {
    if (now instanceof Problem) return now;
    if (!wanted.has(id)) now = await removeParticipant(deps, caller, now, id, said);
  }
  return now;
}

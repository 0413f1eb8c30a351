/** New channels: those that clients ask for, and those that a first message makes. */
import type { CreateCommand, NewParticipant } from '../../../../domain/command.ts';
import type { ConversationId, PrincipalId } from '../../../../domain/ids.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import { formatMicros } from '../../../../domain/time.ts';
import type { ElizaDeps } from '../../deps.ts';
import { defaultServer } from '../../wire.ts';
import { actsForServer, contextOf, type Said } from '../acting.ts';
import { type ChannelFacts, withChannelFacts } from '../kept.ts';
import { type ChannelMessage, isForTwo, partnerOf } from '../messages/channel-message.ts';
import { refuseServer } from '../servers/message-server.ts';
import { type Channel, noChannel, serverEntity } from './channel.ts';
import { kindsOf } from './kinds-of.ts';

export interface NewChannel {
  readonly id: ConversationId;
  readonly server: string;
  readonly name: string;
  readonly facts: ChannelFacts & { readonly type: string };
  readonly metadata: Readonly<Record<string, unknown>>;
  /** In their order; the first person among them owns it, else the first one; of who acts for itself its own. */
  readonly participants: readonly PrincipalId[];
  /** Its id follows from who is in it, or was chosen by a client: made again, it is the one that is there. */
  readonly isUnique: boolean;
}

type Deps = Pick<ElizaDeps, 'bus' | 'directory' | 'clock' | 'servers'>;

/** `conflict`: the id is taken by a channel that its owner does not take part in, or was. */
export async function createChannel(
  { bus, directory }: Deps,
  caller: Principal,
  wanted: NewChannel,
  said: Said,
): Promise<Channel | Problem> {
  const ids = [...new Set(wanted.participants)];
  const kinds = await kindsOf(directory, caller.tenant, ids, 'user');
  if (kinds instanceof Problem) return kinds;
  const first = ids.find((id) => kinds.get(id) === 'user') ?? ids[0] ?? caller.id;
  const owner = actsForServer(caller) ? first : caller.id;
  const participants = ids.map((id): NewParticipant => {
    return { id, kind: kinds.get(id) ?? 'user', role: 'member' };
  });
  const creator =
    owner === caller.id ? caller : { ...caller, id: owner, kind: kinds.get(owner) ?? caller.kind };
  const isPair = wanted.facts.type === 'DM' && ids.length === 2;
  const command: CreateCommand = {
    ...{ op: 'create', type: isPair ? 'private' : 'group', name: wanted.name, description: null },
    ...{ env: said.env ?? 'dev', service: said.service ?? caller.service, participants },
    metadata: withChannelFacts(wanted.metadata, wanted.facts),
    ...(wanted.server === defaultServer ? {} : { entity: { type: serverEntity, id: wanted.server } }),
    ...(wanted.isUnique ? { isUnique: true } : {}),
  };
  const outcome = await bus.dispatch(creator, command, bus.context(wanted.id, contextOf(said)));
  return outcome instanceof Problem ? outcome : { ref: outcome.ref, state: outcome.state };
}

/** The channel that a message is for and that nobody has made (eliza.md §3). */
export async function autoCreate(
  deps: Deps,
  caller: Principal,
  author: Principal,
  message: ChannelMessage,
  said: Said,
): Promise<Channel | Problem> {
  const { channel: id, metadata, server } = message;
  const unknown = server === null ? null : await refuseServer(deps, caller.tenant, server);
  if (unknown !== null) return unknown;
  const isDm = isForTwo(metadata);
  const type = isDm ? 'DM' : 'GROUP';
  const partner = partnerOf({ ...message, author: author.id });
  const made = await createChannel(
    deps,
    caller,
    {
      ...{ id, server: server ?? defaultServer, name: `${isDm ? 'DM' : 'Chat'} ${id.slice(0, 8)}` },
      facts: { type, sourceType: 'auto_created' },
      metadata: {
        ...{ created_by: 'gui_auto_creation', created_for_user: author.id },
        ...{ created_at: formatMicros(deps.clock.nowMicros()), channel_type: type },
        ...metadata,
      },
      participants: partner === null ? [author.id] : [author.id, partner],
      isUnique: true,
    },
    said,
  );
  if (!(made instanceof Problem) || made.code !== 'conflict') return made;
  // Somebody else was faster with the same id; or it was deleted.
  const there = await deps.bus.stateOf(caller.tenant, id);
  return there ?? noChannel();
}

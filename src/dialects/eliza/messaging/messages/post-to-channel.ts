/**
 * A message into a channel, by whichever road it comes: routes, sockets and sessions post here. A channel that is not
 * there is made, whoever speaks and is spoken to takes part, and agents know whom it is for.
 */
import type { Outcome } from '../../../../core/bus.ts';
import { addresses } from '../../../../domain/addressed.ts';
import { type PostCommand, plainPost } from '../../../../domain/command.ts';
import type { MessageId, PrincipalId } from '../../../../domain/ids.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { ConversationState } from '../../../../domain/state.ts';
import type { ElizaDeps } from '../../deps.ts';
import { defaultServer } from '../../wire.ts';
import { actsForServer, authorIn, contextOf, refuseAuthor, type Said } from '../acting.ts';
import { addParticipants } from '../channels/change-participants.ts';
import { type Channel, channelToSpeakIn, inWords, noChannel, serverOf } from '../channels/channel.ts';
import { autoCreate } from '../channels/create-channel.ts';
import { withMessageFacts } from '../kept.ts';
import { type ChannelMessage, namesSomebody, targetOf } from './channel-message.ts';
import type { EncodedMessage } from './encode-message.ts';

/** A channel with everybody in it whom the message concerns. */
export interface SpeakingPlace extends Channel {
  readonly server: string;
  readonly author: Principal;
  /** The agent that is to answer; null: none. */
  readonly agent: PrincipalId | null;
}

export interface PostedMessage extends SpeakingPlace {
  readonly message: EncodedMessage;
  /** It was there already. */
  readonly isRepeated: boolean;
}

export type PostingDeps = Pick<ElizaDeps, 'bus' | 'directory' | 'clock' | 'servers'>;

/**
 * Answers when it is durable. `forbidden`/`other_author`: the caller may not speak for the author; `not_found`: no
 * such channel for the caller, no such server, or no such message to reply to. In a channel that this node knows,
 * for who takes part in it, it waits for the log alone.
 */
export async function postToChannel(
  deps: PostingDeps,
  caller: Principal,
  message: ChannelMessage,
  said: Said,
): Promise<PostedMessage | Problem> {
  const place = await enterChannel(deps, caller, message, said);
  return place instanceof Problem ? place : await postInto(deps, place, message, said);
}

/** The first half, for who has to know who is there before the message is posted. */
export async function enterChannel(
  deps: PostingDeps,
  caller: Principal,
  message: ChannelMessage,
  said: Said,
): Promise<SpeakingPlace | Problem> {
  const refused = refuseAuthor(caller, message.author);
  if (refused !== null) return refused;
  const there = await channelToSpeakIn(deps, caller, message.channel, said);
  if (there instanceof Problem) return there;
  if (there === null && message.isForThere === true) return noChannel();
  const otherwise = message.isNotice === true ? 'agent' : 'user';
  const author = await authorIn(deps, caller, message.author, there?.state ?? null, otherwise);
  if (author instanceof Problem) return author;
  if (there === null && message.needsListener === true && !namesSomebody(message)) return nobodyThere();
  const channel = there ?? (await autoCreate(deps, caller, author, message, said));
  if (channel instanceof Problem) return channel;
  return await amongThose(deps, caller, author, channel, message, said);
}

async function amongThose(
  deps: PostingDeps,
  caller: Principal,
  author: Principal,
  channel: Channel,
  message: ChannelMessage,
  said: Said,
): Promise<SpeakingPlace | Problem> {
  // A person who may only look on is told what strangers are told.
  if (!channel.state.participants.has(author.id) && author.kind === 'user' && !actsForServer(caller)) {
    return noChannel();
  }
  const server = serverOf(channel.state);
  if (message.server !== null && message.server !== server && message.server !== defaultServer) {
    return new Problem('forbidden', 'Forbidden: message_server_id does not match current server');
  }
  const target = message.isNotice === true ? null : targetOf(message);
  const isMissing = target !== null && target !== author.id && !channel.state.participants.has(target);
  const whole = isMissing ? await addParticipants(deps, caller, channel, [target], said) : channel;
  if (whole instanceof Problem) return whole;
  if (message.needsListener === true && isAlone(whole.state, author.id)) return nobodyThere();
  const agent = message.isNotice === true ? null : await agentFor(deps, author, whole, target, message);
  if (agent instanceof Problem) return agent;
  return { ref: whole.ref, state: whole.state, server, author, agent };
}

export async function postInto(
  { bus }: Pick<PostingDeps, 'bus'>,
  place: SpeakingPlace,
  message: ChannelMessage,
  said: Said,
): Promise<PostedMessage | Problem> {
  const { author, agent } = place;
  const { content, metadata, facts, replyTo, messageId, clientId } = message;
  // What is new stands before the spread, where it costs little (plainPost() says why).
  const command: PostCommand = {
    // A person who asks for itself was looked for before: it takes part, or the post is refused.
    mayJoin: actsForServer(author) ? 'anyone' : true,
    ...plainPost(content),
    clientId,
    messageId,
    replyTo,
    metadata: withMessageFacts(metadata, facts, content),
    ...(agent === null ? {} : { to: [agent] }),
  };
  const context = bus.context(place.ref.conversation, contextOf(said));
  const outcome = inWords(await bus.dispatch(author, command, context));
  if (outcome instanceof Problem) {
    const { reason = '' } = outcome;
    if (reason === 'unknown_reply_to') return new Problem('not_found', 'Message to reply to not found');
    if (messageId === null || !usedIds.has(reason)) return outcome;
    return await firstWith(bus, place, messageId);
  }
  return await postedBy(bus, place, outcome);
}

/** What the core refuses, because the second message is another one, and this API answers with the first. */
const usedIds: ReadonlySet<string> = new Set(['message_id_taken', 'client_id_reused']);

async function postedBy(
  bus: PostingDeps['bus'],
  place: SpeakingPlace,
  { ref, state, events, duplicate }: Outcome,
): Promise<PostedMessage | Problem> {
  if (duplicate === null) {
    const event = events.at(-1);
    if (event?.type !== 'message.posted') return new Problem('internal');
    return { message: { event, editedAt: null }, isRepeated: false, ...place, ref, state };
  }
  return await firstWith(bus, { ...place, ref, state }, duplicate.messageId);
}

async function firstWith(
  bus: PostingDeps['bus'],
  place: SpeakingPlace,
  messageId: MessageId,
): Promise<PostedMessage | Problem> {
  const first = await bus.entry(place.author, place.ref.conversation, messageId, null);
  if (first instanceof Problem) return first;
  if (first?.event.type !== 'message.posted' || first.deletedAt !== null) {
    return new Problem('conflict', 'This message was deleted');
  }
  const { event, editedAt } = first;
  return { ...place, message: { event, editedAt }, isRepeated: true };
}

function isAlone({ participants }: ConversationState, author: PrincipalId): boolean {
  return participants.size === 0 || (participants.size === 1 && participants.has(author));
}

const nobodyThere = (): Problem =>
  new Problem('invalid_request', 'No agent found in channel participants', { reason: 'no_listener' });

/** Who is named, else the agent that the words speak to, else the one that was there first. */
async function agentFor(
  { directory }: Pick<PostingDeps, 'directory'>,
  { id: author, tenant }: Principal,
  { state: { participants } }: Channel,
  target: PrincipalId | null,
  { content }: ChannelMessage,
): Promise<PrincipalId | null | Problem> {
  if (target !== null && target !== author && participants.has(target)) return target;
  const agents: PrincipalId[] = [];
  for (const { id, kind } of participants.values()) if (kind === 'agent' && id !== author) agents.push(id);
  const first = agents[0] ?? null;
  if (agents.length < 2 || !content.includes('@')) return first;
  const known = await directory.principalsOf(tenant, agents);
  if (known instanceof Problem) return known;
  return agents.find((id) => addresses(content, [known.get(id)?.displayName ?? id, id])) ?? first;
}

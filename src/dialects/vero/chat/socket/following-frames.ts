/** subscribe, unsubscribe, resume: which conversations a socket is told of. */
import { alreadyAnswered, type Frame, frame } from '../../../../contract/sockets/frame.ts';
import type { LiveBus, Opened, OpenRequest } from '../../../../core/bus.ts';
import { type ConversationId, canonicalUuid } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { type Entered, enter } from '../entered.ts';
import { readSeen } from '../seen-messages.ts';
import { isSeen, type MessageEntry } from '../view.ts';
import type { VeroConnection } from './connection.ts';
import { sendPaced } from './paced.ts';
import { type Told, untoldAfter, withPages } from './told.ts';
import {
  ConversationsFrame,
  Resumed,
  ResumeFrame,
  SessionFrame,
  SessionSubscribed,
  SessionUnsubscribed,
  Subscribed,
  Unsubscribed,
} from './wire.ts';
import { createdFrame } from './wording.ts';

type Deps = Pick<ChatDeps, 'bus' | 'personal' | 'media'> & {
  readonly live: Pick<LiveBus, 'open' | 'close' | 'follows'>;
};

/** Where a replay ended: what comes after this position is live. */
interface Replayed {
  readonly conversation: ConversationId;
  readonly position: number;
  readonly currentSeq: number;
  readonly hasMore: boolean;
  readonly told: Told;
}

export function followingFrames(deps: Deps): readonly Frame<VeroConnection>[] {
  return [subscribe(deps), unsubscribe(deps), resume(deps), ...sessionFrames];
}

function subscribe(deps: Deps): Frame<VeroConnection> {
  return frame(
    {
      op: 'subscribe',
      summary:
        'Live events of these conversations from now on. Each that is refused gets an error of its own.',
      schema: ConversationsFrame,
      reply: Subscribed,
    },
    (connection: VeroConnection, { conversation_ids: ids }) =>
      connection.inTurn(async () => {
        const known = named(connection, ids);
        const refused = await connection.world.devices.seeing(connection.session, known);
        if (refused !== null) return refused;
        const requests = known.map((conversation) => ({ conversation, after: null }));
        await open(deps, connection, requests, (opened) => {
          connection.tell({
            type: 'subscribed',
            payload: opened.map(({ ref }) => ref.conversation),
            current_seqs: Object.fromEntries(opened.map(({ ref, state }) => [ref.conversation, state.seq])),
          });
          for (const { ref, state } of opened) {
            // What is followed already stays as it was.
            const isNew = !deps.live.follows(connection.session, ref.conversation);
            if (isNew) remember(connection, ref.conversation, { liveAfter: state.seq, pages: null });
          }
        });
        return alreadyAnswered;
      }),
  );
}

function unsubscribe({ live }: Deps): Frame<VeroConnection> {
  return frame(
    {
      op: 'unsubscribe',
      summary: 'No more live events of these conversations.',
      schema: ConversationsFrame,
      reply: Unsubscribed,
    },
    (connection: VeroConnection, { conversation_ids: ids }) =>
      connection.inTurn(async () => {
        const known = [...new Set(ids.map((id) => canonicalUuid(id) ?? id))];
        for (const id of known) {
          connection.followed.delete(id);
          live.close(connection.session, id);
        }
        return { type: 'unsubscribed', payload: known };
      }),
  );
}

function resume(deps: Deps): Frame<VeroConnection> {
  return frame(
    {
      op: 'resume',
      summary: 'Subscribes, after the messages that were missed; live events are held until those are told.',
      schema: ResumeFrame,
      reply: Resumed,
    },
    (connection: VeroConnection, { conversations }) =>
      connection.inTurn(async () => {
        const seqs = new Map(
          conversations.map((one) => [canonicalUuid(one.conversation_id) ?? '', one.last_seq]),
        );
        const known = named(
          connection,
          conversations.map((one) => one.conversation_id),
        );
        const refused = await connection.world.devices.seeing(connection.session, known);
        if (refused !== null) return refused;
        const replayed = new Map<ConversationId, Replayed>();
        // One after the other: what is replayed to one socket is bounded by one page at a time.
        for (const conversation of known) {
          const one = await replay(deps, connection, conversation, seqs.get(conversation) ?? 0);
          if (one instanceof Problem) connection.refuse(one, conversation);
          else {
            replayed.set(conversation, one.end);
            if (!(await sendPaced(connection.peer, connection.world.clock, one.frames)))
              return alreadyAnswered;
          }
        }
        const requests = [...replayed.values()].map(({ conversation, position }) => ({
          conversation,
          after: { epoch: null, position },
        }));
        await open(deps, connection, requests, (opened) => {
          const told = opened.flatMap(({ ref }) => replayed.get(ref.conversation) ?? []);
          for (const one of told) remember(connection, one.conversation, one.told);
          connection.tell({
            type: 'resumed',
            payload: {
              conversations: told.map(({ conversation, currentSeq, hasMore }) => ({
                ...{ conversation_id: conversation, current_seq: currentSeq, has_more: hasMore },
              })),
            },
          });
        });
        return alreadyAnswered;
      }),
  );
}

/**
 * The messages after a seq as they are now, up to the present position: whatever comes after that is live. Of a
 * conversation that the socket follows already, only what it was not told before.
 */
async function replay(
  deps: Deps,
  connection: VeroConnection,
  conversation: ConversationId,
  lastSeq: number,
): Promise<{ readonly end: Replayed; readonly frames: Iterable<string> } | Problem> {
  const caller = { principal: connection.session.principal, env: connection.context.env };
  const place = await enter(deps, caller, conversation);
  if (place instanceof Problem) return place;
  const { position, seq: currentSeq } = place.state;
  const isFollowed = deps.live.follows(connection.session, conversation);
  const known = isFollowed ? connection.followed.get(conversation) : undefined;
  const before = known ?? { liveAfter: currentSeq, pages: null };
  const untold = untoldAfter(before, lastSeq);
  const page = await readSeen(deps, caller, place, {
    ...{ afterSeq: untold.after, beforeSeq: untold.upTo + 1 },
    ...{ keep: 'oldest', limit: limits.resumedMessagesMax },
  });
  if (page instanceof Problem) return page;
  const frames = wordedInTurn(deps, connection, place, page.entries);
  const upTo = page.hasMore ? (page.entries.at(-1)?.event.seq ?? untold.after) : untold.upTo;
  const told = withPages(before, { after: untold.after, upTo });
  const rest = untoldAfter(told, lastSeq);
  const hasMore = rest.after < rest.upTo;
  return { end: { conversation, position, currentSeq, hasMore, told }, frames };
}

/** Each as it is seen when it is its turn: a client may take long to read, and block somebody meanwhile. */
function* wordedInTurn(
  { media }: Deps,
  { world, session }: VeroConnection,
  { ref }: Entered,
  entries: readonly MessageEntry[],
): Iterable<string> {
  for (const entry of entries) {
    const view = world.devices.viewIn(session, ref.conversation);
    if (view !== null && isSeen(entry, view)) yield createdFrame(entry, view, ref.tenant, media);
  }
}

/** In the turn in which it goes live. */
function remember({ followed }: VeroConnection, conversation: ConversationId, told: Told): void {
  followed.delete(conversation);
  followed.set(conversation, told);
  // Those that it was removed from stay until then.
  const oldest =
    followed.size > limits.openConversationsPerSocketMax ? followed.keys().next().value : undefined;
  if (oldest !== undefined) followed.delete(oldest);
}

/** Opens what the principal takes part in; the rest is refused, each with an error of its own. */
function open(
  { live }: Deps,
  connection: VeroConnection,
  requests: readonly OpenRequest[],
  reply: (opened: readonly Opened[]) => void,
): Promise<void> {
  const { session } = connection;
  return live.open(session, requests, (opened, refused) => {
    const own = opened.filter(({ ref, state }) => {
      const isIn = state.participants.has(session.principal.id);
      // Observers follow in other dialects; this one knows participants only.
      if (!isIn) {
        live.close(session, ref.conversation);
        connection.refuse(new Problem('not_found'), ref.conversation);
      }
      return isIn;
    });
    for (const { conversation, problem } of refused) connection.refuse(problem, conversation);
    reply(own);
  });
}

/** Each once; what is no id is not found. */
function named(connection: VeroConnection, ids: readonly string[]): readonly ConversationId[] {
  const known = new Set<ConversationId>();
  for (const id of new Set(ids)) {
    const conversation = canonicalUuid(id);
    if (conversation === null) connection.refuse(new Problem('not_found'), id);
    else known.add(conversation);
  }
  return [...known];
}

/** Sessions of agents as the original has them: nothing here makes any, so nothing is ever told of one. */
const sessionFrames: readonly Frame<VeroConnection>[] = [
  frame(
    {
      op: 'subscribe_session',
      summary: 'Accepted for clients of the original; no session of an agent tells anything.',
      schema: SessionFrame,
      reply: SessionSubscribed,
    },
    (_connection: VeroConnection, { session_id }) => ({
      type: 'session_subscribed',
      payload: { session_id },
    }),
  ),
  frame(
    {
      op: 'unsubscribe_session',
      summary: 'As subscribe_session.',
      schema: SessionFrame,
      reply: SessionUnsubscribed,
    },
    (_connection: VeroConnection, { session_id }) => ({
      type: 'session_unsubscribed',
      payload: { session_id },
    }),
  ),
];

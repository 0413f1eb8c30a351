/** hello, open, close, typing, presence, ping: frames about the socket itself. */

import { Type } from '@sinclair/typebox';
import { exampleValues } from '../../contract/examples/values.ts';
import { alreadyAnswered, type Frame, frame } from '../../contract/sockets/frame.ts';
import type { Cursor, Opened, Refused } from '../../core/bus.ts';
import type { ConversationId } from '../../domain/ids.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { NativeConnection } from './connection.ts';
import { decodeCursor, normalId } from './decode.ts';
import { cursorOf, problemView, stateView } from './encode.ts';
import { pingFrame } from './ping-frame.ts';
import { Close, DraftView, Hello, Open, PresenceFrame, StateView, TypingFrame } from './wire.ts';

const HelloReply = Type.Object({
  principal: Type.Object({
    id: Type.String({ examples: [exampleValues.user] }),
    kind: Type.String({ examples: ['user'] }),
  }),
  node: Type.String({ examples: ['Yk3mQ0sVb1xZ'] }),
  heartbeat_sec: Type.Integer({ examples: [limits.heartbeatSec] }),
  limits: Type.Record(Type.String(), Type.Integer(), {
    examples: [{ content_bytes: limits.contentBytesMax }],
  }),
});
const OpenReply = Type.Object({
  conversations: Type.Array(
    Type.Object({
      id: Type.String({ format: 'uuid' }),
      epoch: Type.String({ examples: [exampleValues.epoch] }),
      position: Type.Integer({ examples: [5] }),
      seq: Type.Integer({ examples: [3] }),
      cursor: Type.String({ examples: [exampleValues.cursor] }),
      state: StateView,
      drafts: Type.Array(DraftView),
    }),
  ),
  refused: Type.Array(Type.Object({ id: Type.String(), code: Type.String() }), { examples: [[]] }),
});

function openedView({ ref, epoch, state, drafts }: Opened): object {
  return {
    id: ref.conversation,
    epoch,
    position: state.position,
    seq: state.seq,
    cursor: cursorOf(epoch, state.position),
    state: stateView(
      state,
      drafts.map((draft) => draft.run),
    ),
    drafts: drafts.map(draftView),
  };
}

function draftView({ messageId, run, from, index, text }: Opened['drafts'][number]): object {
  return { message_id: messageId, run, from, index, text };
}

const refusedView = ({ conversation, problem }: Refused): object => ({
  id: conversation,
  code: problem.code,
});

/** `conversation` or `conversations`; neither is an error of the caller. */
function named(fields: { conversation?: string; conversations?: string[] }): ConversationId[] | Problem {
  const ids = [
    ...(fields.conversation === undefined ? [] : [fields.conversation]),
    ...(fields.conversations ?? []),
  ];
  if (ids.length > 0) return [...new Set(ids.map((id) => normalId(id)))];
  return new Problem('invalid_request', 'Name a conversation.', {
    fields: [{ path: 'conversation', reason: 'required' }],
  });
}

function readCursors(
  given: Readonly<Record<string, string | number>>,
): Map<ConversationId, Cursor> | Problem {
  const cursors = new Map<ConversationId, Cursor>();
  for (const [id, text] of Object.entries(given)) {
    const cursor = decodeCursor(text);
    if (cursor instanceof Problem) return cursor;
    cursors.set(normalId(id), cursor);
  }
  return cursors;
}

/** What hello could not resume is told one by one: the reader must start such a conversation over. */
function tellRefused(connection: NativeConnection, refused: readonly Refused[]): void {
  for (const { conversation, problem } of refused) {
    connection.peer.refused(problem);
    connection.peer.send(JSON.stringify({ ok: false, conversation, problem: problemView(problem) }));
  }
}

const hello = frame(
  {
    op: 'hello',
    rate: 'read',
    summary: 'Says who it is, and what to follow from the start.',
    schema: Hello,
    reply: HelloReply,
  },
  async (connection: NativeConnection, fields, id) => {
    if (fields.token !== undefined) {
      const refused = await connection.authenticate(fields.token);
      if (refused !== null) {
        // What cannot be told now may be asked again, within the time that there is for a hello.
        const isOver = refused.code !== 'unavailable' && refused.code !== 'overloaded';
        if (!connection.isAuthenticated && isOver) closeLater(connection, refused);
        return refused;
      }
    }
    if (!connection.isAuthenticated) {
      const refused = new Problem('unauthenticated');
      closeLater(connection, refused);
      return refused;
    }
    if (!connection.peer.isOpen) return null;
    const cursors = readCursors(fields.cursors ?? {});
    if (cursors instanceof Problem) return cursors;
    const isAll = fields.follow === 'all';
    if (!isAll && cursors.size === 0) return connection.helloReply();
    await follow(connection, isAll, cursors, id);
    return alreadyAnswered;
  },
);

/** After the reply with the problem is on its way. */
function closeLater(connection: NativeConnection, refused: Problem): void {
  const reason = refused.code === 'suspended' ? 'suspended' : 'unauthenticated';
  connection.world.clock.after(0, () => connection.peer.close(reason));
}

/** What hello resumes is not described by a reply: the text so far of its drafts comes as a delta. */
function tellDrafts(connection: NativeConnection, opened: readonly Opened[]): void {
  for (const { ref, drafts } of opened) {
    for (const draft of drafts) {
      const delta = { conversation: ref.conversation, ...draftView(draft) };
      connection.peer.send(JSON.stringify({ delta }));
    }
  }
}

/** Answers hello in the turn in which what it follows begins to be live: whoever has the reply misses nothing. */
async function follow(
  connection: NativeConnection,
  isAll: boolean,
  cursors: ReadonlyMap<ConversationId, Cursor>,
  id: string | null,
): Promise<void> {
  const { session } = connection;
  const { live } = connection.world;
  if (!isAll) {
    const requests = [...cursors].map(([conversation, after]) => ({ conversation, after }));
    return await live.open(session, requests, (opened, refused) => {
      connection.answer(id, connection.helloReply());
      tellDrafts(connection, opened);
      tellRefused(connection, refused);
    });
  }
  const problem = await live.followAll(session, cursors, (refused) => {
    connection.answer(id, connection.helloReply());
    tellRefused(connection, refused);
  });
  if (problem === null) return;
  connection.answer(id, connection.helloReply());
  connection.answer(null, problem);
}

const open = frame(
  {
    op: 'open',
    rate: 'read',
    summary: 'Follows conversations, from a cursor or from now.',
    schema: Open,
    reply: OpenReply,
  },
  async (connection: NativeConnection, fields, id) => {
    const ids = named(fields);
    if (ids instanceof Problem) return ids;
    const after = fields.after === undefined ? null : decodeCursor(fields.after);
    if (after instanceof Problem) return after;
    const requests = ids.map((conversation) => ({ conversation, after }));
    // The reply goes out in the turn in which the conversations begin to be live, before their events.
    await connection.world.live.open(connection.session, requests, (opened, refused) => {
      for (const { problem } of refused) connection.peer.refused(problem);
      connection.answer(id, { conversations: opened.map(openedView), refused: refused.map(refusedView) });
    });
    return alreadyAnswered;
  },
);

const close = frame(
  {
    op: 'close',
    rate: 'read',
    summary: 'Ends the following of conversations.',
    schema: Close,
    reply: Type.Object({}),
  },
  (connection: NativeConnection, fields) => {
    const ids = named(fields);
    if (ids instanceof Problem) return ids;
    for (const id of ids) connection.world.live.close(connection.session, id);
    return {};
  },
);

const typing = frame(
  {
    op: 'typing',
    rate: 'typing',
    summary: 'Says that one writes; ends by itself after 6 s.',
    schema: TypingFrame,
    reply: null,
  },
  (connection: NativeConnection, { conversation, state }) =>
    connection.world.live.typing(connection.session, normalId(conversation), state),
);

const presence = frame(
  {
    op: 'presence',
    rate: 'typing',
    summary: 'Says how one is, to those who share a conversation.',
    schema: PresenceFrame,
    reply: null,
  },
  (connection: NativeConnection, { status, detail }) =>
    connection.world.live.presence(connection.session, { status, detail: detail ?? null }),
);

const ping = pingFrame(({ world }: NativeConnection) => world.clock);

export const sessionFrames: readonly Frame<NativeConnection>[] = [hello, open, close, typing, presence, ping];

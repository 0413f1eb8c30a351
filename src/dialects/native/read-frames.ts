/** history, list and read: frames that look at conversations. */
import { Type } from '@sinclair/typebox';
import { exampleEvent } from '../../contract/examples/event.ts';
import { type Frame, frame } from '../../contract/sockets/frame.ts';
import type { Bus, HistoryQuery } from '../../core/bus.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import { entryId, type TimelineEntry } from '../../domain/timeline.ts';
import type { Asker } from './asker.ts';
import { normalId } from './decode.ts';
import { entryEvent, listedView } from './encode.ts';
import { HistoryFrame, List, Read } from './wire.ts';

const pageDefault = 50;
const Events = Type.Object({
  events: Type.Array(Type.Object({}), { description: 'As they come as `ev`', examples: [[exampleEvent]] }),
  has_more: Type.Boolean({ examples: [false] }),
});
const Listed = Type.Object({
  conversations: Type.Array(Type.Object({ id: Type.String({ format: 'uuid' }) })),
  next: Type.Union([Type.String(), Type.Null()], {
    description: 'The `cursor` of the next page',
    examples: [null],
  }),
});
const ReadReply = Type.Object({
  last_read_seq: Type.Integer({ examples: [3] }),
  unread: Type.Integer({ examples: [0] }),
});

interface Range {
  readonly before?: number;
  readonly after?: number;
  readonly limit?: number;
  readonly consistency?: 'cached';
}

/** Only `after`: the oldest after it; else the newest of the range. */
function historyQuery({ before, after, limit, consistency }: Range): HistoryQuery {
  return {
    limit: limit ?? pageDefault,
    keep: after === undefined ? 'newest' : 'oldest',
    ...(before === undefined ? {} : { beforeSeq: before }),
    ...(after === undefined ? {} : { afterSeq: after }),
    ...(consistency === undefined ? {} : { consistency }),
  };
}

export function readFrames(bus: Bus): readonly Frame<Asker>[] {
  /** Entries with every version: the posted text where it was, and each edit where it happened. */
  async function withEdits(
    asker: Asker,
    conversation: string,
    entries: readonly TimelineEntry[],
  ): Promise<object[] | Problem> {
    const edited = entries.filter((entry) => entry.editCount > 0 && entry.deletedAt === null);
    if (edited.length === 0) return entries.map(entryEvent);
    const { principal } = asker;
    const versions = await bus.versions(principal, conversation, edited.map(entryId), null);
    if (versions instanceof Problem) return versions;
    const others = entries.filter((entry) => !edited.includes(entry)).map((entry) => entry.event);
    return [...others, ...versions].sort((one, other) => one.position - other.position);
  }

  /** X-Env of a request, for reads that do not filter by it themselves. Null: it names none, or the conversation's own. */
  async function refuseEnv(asker: Asker, conversation: string): Promise<Problem | null> {
    const env = asker.context.env ?? null;
    if (env === null) return null;
    const found = await bus.stateFor(asker.principal, conversation, env);
    return found instanceof Problem ? found : null;
  }

  const history = frame(
    {
      op: 'history',
      rate: 'read',
      summary: 'Messages and control events, ascending.',
      schema: HistoryFrame,
      reply: Events,
    },
    async (asker: Asker, fields) => {
      const conversation = normalId(fields.conversation);
      const { principal } = asker;
      const refused = await refuseEnv(asker, conversation);
      if (refused !== null) return refused;
      if (fields.after_position !== undefined) {
        const limit = fields.limit ?? pageDefault;
        const page = await bus.eventsAfter(principal, conversation, fields.after_position, limit, null);
        return page instanceof Problem ? page : { events: page.events, has_more: page.hasMore };
      }
      const page = await bus.history(principal, conversation, historyQuery(fields));
      if (page instanceof Problem) return page;
      const isWithEdits = fields.include?.includes('edits') === true;
      const events = isWithEdits
        ? await withEdits(asker, conversation, page.entries)
        : page.entries.map(entryEvent);
      return events instanceof Problem ? events : { events, has_more: page.hasMore };
    },
  );

  const list = frame(
    {
      op: 'list',
      rate: 'read',
      summary: "The caller's conversations, newest activity first.",
      schema: List,
      reply: Listed,
    },
    async (asker: Asker, { limit, cursor, unread }) => {
      const { principal } = asker;
      const page = await bus.list(principal, {
        limit: limit ?? limits.listPageMax / 4,
        cursor: cursor ?? null,
        unreadOnly: unread ?? false,
        env: asker.context.env ?? null,
        service: principal.service,
      });
      if (page instanceof Problem) return page;
      return { conversations: page.conversations.map(listedView), next: page.next };
    },
  );

  const read = frame(
    { op: 'read', rate: 'read', summary: 'Moves the read cursor forward.', schema: Read, reply: ReadReply },
    async (asker: Asker, fields) => {
      const { principal } = asker;
      const moved = await bus.read(principal, normalId(fields.conversation), fields.up_to, null);
      if (moved instanceof Problem) return moved;
      return { last_read_seq: moved.lastReadSeq, unread: moved.unread };
    },
  );

  return [history, list, read];
}

/** The projection as the core reads it: sealed texts are opened. Its methods are those of the port. */
import { Problem } from '../../../domain/problem.ts';
import type {
  InboxConversation,
  ListedConversation,
} from '../../../ports/projection/listed-conversations.ts';
import type { ProjectionReader, Snapshot } from '../../../ports/projection/projection-reader.ts';
import { openEntries, openEvents } from '../open-rows.ts';
import { openFields } from '../sealed-fields.ts';
import { hashesOf, withHashes } from '../sealed-hashes.ts';
import { openPause } from '../sealed-pause.ts';
import type { Sealer } from '../sealer.ts';

export function sealedReader(reader: ProjectionReader, sealer: Sealer): ProjectionReader {
  async function openSnapshot(found: Snapshot): Promise<Snapshot | Problem> {
    const { ref, sealed, ...rest } = found;
    const recent = await openEntries(sealer, ref, found.recent);
    if (recent instanceof Problem) return recent;
    const hashes = await hashesOf(reader, sealer, ref, found.state.window.entries, recent);
    if (hashes instanceof Problem) return hashes;
    const paused = await openPause(reader, sealer, ref, found);
    if (paused instanceof Problem) return paused;
    const named = await openFields(sealer, ref, found.state, sealed);
    if (named instanceof Problem) return named;
    const window = withHashes(found.state.window, hashes);
    return { ...rest, ref, recent, state: { ...named, paused, window } };
  }

  async function openListed<Row extends ListedConversation>(listed: Row): Promise<Row | Problem> {
    const { sealed, ...rest } = listed;
    return (await openFields(sealer, listed.ref, rest, sealed)) as Row | Problem;
  }

  async function openInbox(listed: InboxConversation): Promise<InboxConversation | Problem> {
    const opened = listed.sealed === undefined ? listed : await openListed(listed);
    return opened instanceof Problem ? opened : await openNewest(opened);
  }

  async function openNewest<Row extends Pick<InboxConversation, 'ref' | 'newest'>>(
    row: Row,
  ): Promise<Row | Problem> {
    if (row.newest === null) return row;
    const entries = await openEntries(sealer, row.ref, [row.newest]);
    return entries instanceof Problem ? entries : { ...row, newest: entries[0] ?? null };
  }

  /** All of a page, or the first Problem. */
  async function openAll<Row>(
    rows: readonly Row[],
    open: (row: Row) => Promise<Row | Problem>,
  ): Promise<readonly Row[] | Problem> {
    const opened: Row[] = [];
    for (const row of rows) {
      const one = await open(row);
      if (one instanceof Problem) return one;
      opened.push(one);
    }
    return opened;
  }

  return {
    async snapshot(tenant, conversation, recent) {
      const found = await reader.snapshot(tenant, conversation, recent);
      return found === null || found instanceof Problem ? found : await openSnapshot(found);
    },

    async entries(ref, range) {
      const found = await reader.entries(ref, range);
      if (found instanceof Problem) return found;
      const entries = await openEntries(sealer, ref, found.entries);
      return entries instanceof Problem ? entries : { ...found, entries };
    },

    async newest(refs, query) {
      const found = await reader.newest(refs, query);
      if (found instanceof Problem) return found;
      const opened = new Map(found);
      for (const ref of refs) {
        const newest = found.get(ref.conversation);
        const entries = newest === undefined ? [] : await openEntries(sealer, ref, newest.entries);
        if (entries instanceof Problem) return entries;
        if (newest !== undefined) opened.set(ref.conversation, { ...newest, entries });
      }
      return opened;
    },

    async changes(ref, range) {
      const found = await reader.changes(ref, range);
      if (found instanceof Problem) return found;
      const entries = await openEntries(sealer, ref, found.entries);
      return entries instanceof Problem ? entries : { ...found, entries };
    },

    async entry(ref, message) {
      const found = await reader.entry(ref, message);
      if (found instanceof Problem || found.entry === null) return found;
      const entries = await openEntries(sealer, ref, [found.entry]);
      return entries instanceof Problem ? entries : { ...found, entry: entries[0] ?? null };
    },

    async earlierPost(ref, by) {
      const found = await reader.earlierPost(ref, by);
      if (found instanceof Problem || found.post === null || found.post.hash !== null) return found;
      const { post } = found;
      const hashes = await hashesOf(reader, sealer, ref, [post], []);
      if (hashes instanceof Problem) return hashes;
      return { ...found, post: { ...post, hash: hashes.get(post.eventId) ?? null } };
    },

    async versions(ref, messages) {
      const found = await reader.versions(ref, messages);
      if (found instanceof Problem) return found;
      const events = await openEvents(sealer, ref, found.events);
      return events instanceof Problem ? events : { ...found, events };
    },

    logSeqAt: (ref, position) => reader.logSeqAt(ref, position),

    async list(tenant, principal, query) {
      const page = await reader.list(tenant, principal, query);
      if (page instanceof Problem || !page.conversations.some((one) => one.sealed !== undefined)) return page;
      const conversations = await openAll(page.conversations, openListed);
      if (conversations instanceof Problem) return conversations;
      return { ...page, conversations };
    },

    async inbox(tenant, principal, query) {
      const page = await reader.inbox(tenant, principal, query);
      if (page instanceof Problem) return page;
      const conversations = await openAll(page.conversations, openInbox);
      return conversations instanceof Problem ? conversations : { ...page, conversations };
    },

    async withAgents(tenant, principal, query) {
      const page = await reader.withAgents(tenant, principal, query);
      if (page instanceof Problem) return page;
      const conversations = await openAll(page.conversations, openNewest);
      return conversations instanceof Problem ? conversations : { ...page, conversations };
    },

    wasDeleted: (tenant, principal, conversation) => reader.wasDeleted(tenant, principal, conversation),
    conversationOf: (tenant, principal, message) => reader.conversationOf(tenant, principal, message),
    refsOf: (tenant, principal, limit) => reader.refsOf(tenant, principal, limit),
  };
}

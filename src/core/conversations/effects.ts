/**
 * What follows from a stored event before its author is answered: rare structural events are
 * projected inline so that lists are right at once, erased content leaves the log, principals are
 * told that they were added or removed, drafts that are finished or deleted are forgotten. Each of these is also
 * done, or not needed, when this node dies right now: the projector repeats the first two, cursors the
 * third, drafts expire.
 */
import type { LogEntry } from '../../domain/event.ts';
import type { PrincipalId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';
import type { LiveFeed } from '../../ports/live-feed.ts';
import type { Log } from '../../ports/log.ts';
import type { Logger } from '../../ports/logger.ts';
import type { InlineProjection } from '../../ports/projection.ts';
import type { DraftWriter } from '../live/drafts/draft-writer.ts';
import type { InboxNote } from '../live/live-bus.ts';
import type { LoadedConversation } from './loaded-conversation.ts';

export type Effects = (
  conversation: LoadedConversation,
  entries: readonly LogEntry[],
) => Promise<void> | null;

interface Deps {
  readonly log: Log;
  readonly live: LiveFeed;
  readonly projection: InlineProjection;
  readonly drafts: DraftWriter;
  readonly logger: Logger;
}

export function openEffects(deps: Deps): Effects {
  const { log, live, logger } = deps;

  function report(problem: Problem | null, conversation: LoadedConversation, what: string): void {
    if (problem === null) return;
    logger.warn(
      { conversation: conversation.ref.conversation, code: problem.code, what },
      'An effect is left to the projector',
    );
  }

  function note(
    conversation: LoadedConversation,
    kind: InboxNote['kind'],
    principal: PrincipalId,
    position: number,
  ): void {
    const body: Omit<InboxNote, 'kind'> = { conversation: conversation.ref.conversation, position };
    live.publishInbox(conversation.ref.tenant, principal, kind, body);
  }

  function tellAdded(conversation: LoadedConversation, { event }: LogEntry): void {
    if (event.type === 'participant.added') {
      note(conversation, 'added', event.data.participant.id, event.position);
    }
    if (event.type !== 'conversation.created') return;
    for (const one of event.data.participants) note(conversation, 'added', one.id, event.position);
  }

  /** The sockets that follow the conversation learn it from the event itself; others, and services, from here. */
  function tellRemoved(conversation: LoadedConversation, { event }: LogEntry): void {
    if (event.type === 'conversation.deleted')
      for (const one of conversation.lastParticipants) note(conversation, 'deleted', one, event.position);
    if (event.type === 'participant.removed') {
      note(conversation, 'removed', event.data.participant, event.position);
    }
  }

  async function project(conversation: LoadedConversation, entries: readonly LogEntry[]): Promise<void> {
    const batch = entries.map((entry) => ({ ref: conversation.ref, entry }));
    // At once, however slow the projection is: who is told finds the conversation in the log. And again,
    // for whoever began to listen since, and read its list before the projection had this.
    for (const entry of entries) {
      tellAdded(conversation, entry);
      tellRemoved(conversation, entry);
    }
    try {
      report(await deps.projection.applyStructural(batch), conversation, 'project');
    } finally {
      for (const entry of entries) tellAdded(conversation, entry);
    }
    const deletion = entries.find((entry) => entry.event.type === 'conversation.deleted');
    if (deletion === undefined) return;
    deps.drafts.endAll(conversation);
    report(await log.purgeBefore(conversation.ref, deletion.logSeq), conversation, 'purge');
  }

  function endDrafts(conversation: LoadedConversation, { event }: LogEntry): void {
    if (event.type !== 'message.posted' || event.run === undefined) return;
    // Only a streamed message has an id of the agent's own choice together with a run.
    if (event.data.message_id !== event.id) deps.drafts.end(conversation, event.data.message_id);
  }

  return (conversation, entries) => {
    const structural: LogEntry[] = [];
    const erased: number[] = [];
    for (const entry of entries) {
      const { type } = entry.event;
      if (type.startsWith('participant.') || type.startsWith('conversation.')) structural.push(entry);
      else if (type === 'message.posted') endDrafts(conversation, entry);
      for (const one of entry.erased) erased.push(one.logSeq);
    }
    if (structural.length === 0 && erased.length === 0) return null;
    return (async () => {
      try {
        if (structural.length > 0) await project(conversation, structural);
        if (erased.length > 0) report(await log.erase(conversation.ref, erased), conversation, 'erase');
      } catch (error) {
        logger.error(
          { error, conversation: conversation.ref.conversation },
          'An effect of a stored event failed',
        );
      }
    })();
  };
}

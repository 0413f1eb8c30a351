/** The DraftStore port over the memory stream DRAFTS. */
import type { Msg } from '@nats-io/transport-node';
import type { ConversationRef } from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { DraftChunk, DraftStore, StoredChunk } from '../../ports/draft-store.ts';
import type { Requester } from './connections/requester.ts';
import { HeaderBlock } from './log/entry-headers.ts';
import { readMessages } from './log/log-reads.ts';
import { openPublisher } from './log/publisher.ts';
import type { Streams } from './streams/streams.ts';
import { draftStream, draftSubject, partitionOf } from './subjects.ts';

export function openDraftStore(requester: Requester, streams: Streams): DraftStore {
  const publisher = openPublisher(requester);
  const subjectOf = (ref: ConversationRef, message: string): string =>
    draftSubject(partitionOf(ref.conversation, streams.partitions), ref, message);

  return {
    append(ref, chunk, expectLast) {
      const subject = subjectOf(ref, chunk.message_id);
      const body = Buffer.from(JSON.stringify(chunk));
      return publisher.publish([{ subject, body, headers: new HeaderBlock() }], subject, expectLast);
    },

    async close(ref, { messageId, run, author }) {
      const chunk: DraftChunk = {
        message_id: messageId,
        run,
        from: -1,
        index: -1,
        text: '',
        author,
        closed: true,
      };
      const body = Buffer.from(JSON.stringify(chunk));
      // No expectation: an agent that streams fast would win every race for it.
      return await publisher.publishAnyhow(subjectOf(ref, messageId), body);
    },

    async read(ref, message) {
      const subject = subjectOf(ref, message ?? '*');
      const chunks: StoredChunk[] = [];
      for (let after = 0; ; ) {
        const page = await readMessages(requester, draftStream, subject, after);
        if (page instanceof Problem) return page;
        for (const { message, sequence } of page.messages) chunks.push(readChunk(message, sequence));
        const last = page.messages.at(-1);
        if (page.isLast || last === undefined || chunks.length >= limits.draftChunksReadMax) return chunks;
        after = last.sequence;
      }
    },

    async first(ref, message) {
      const page = await readMessages(requester, draftStream, subjectOf(ref, message), 0, 1);
      if (page instanceof Problem) return page;
      return page.messages[0]?.message.json<DraftChunk>() ?? null;
    },

    drop(ref, message) {
      const body = Buffer.from(JSON.stringify({ filter: subjectOf(ref, message ?? '*') }));
      void requester.request(`$JS.API.STREAM.PURGE.${draftStream}`, body, null, limits.logReadTimeoutMs);
    },
  };
}

function readChunk(message: Msg, logSeq: number): StoredChunk {
  return {
    chunk: message.json<DraftChunk>(),
    logSeq,
    storedMs: Date.parse(message.headers?.get('Nats-Time-Stamp') ?? ''),
  };
}

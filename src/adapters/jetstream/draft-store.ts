/** The DraftStore port over the memory stream DRAFTS. */
import type { Msg } from '@nats-io/transport-node';
import type { ConversationRef } from '../../domain/event.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { DraftChunk, DraftStore, StoredChunk } from '../../ports/draft-store.ts';
import { HeaderBlock } from './entry-headers.ts';
import { openPublisher } from './publisher.ts';
import type { Requester } from './requester.ts';
import type { Streams } from './streams.ts';
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

    async read(ref, message) {
      const subject = subjectOf(ref, message ?? '*');
      const chunks: StoredChunk[] = [];
      for (let after = 0; ; ) {
        const page = await readPage(requester, subject, after);
        if (page instanceof Problem) return page;
        chunks.push(...page.chunks);
        const last = page.chunks.at(-1);
        if (page.isLast || last === undefined || chunks.length >= limits.draftChunksReadMax) return chunks;
        after = last.logSeq;
      }
    },

    drop(ref, message) {
      const body = Buffer.from(JSON.stringify({ filter: subjectOf(ref, message) }));
      void requester.request(`$JS.API.STREAM.PURGE.${draftStream}`, body, null, limits.logReadTimeoutMs);
    },
  };
}

async function readPage(
  requester: Requester,
  subject: string,
  after: number,
): Promise<{ readonly chunks: readonly StoredChunk[]; readonly isLast: boolean } | Problem> {
  const query = {
    next_by_subj: subject,
    seq: after + 1,
    batch: limits.logReadPageMax,
    max_bytes: limits.batchBytesMax,
  };
  const { messages, end } = await requester.requestMany(
    `$JS.API.DIRECT.GET.${draftStream}`,
    Buffer.from(JSON.stringify(query)),
    limits.logReadTimeoutMs,
    (message) => message.data.length === 0,
  );
  if (end !== 'message') return new Problem('unavailable');
  const chunks = messages.filter((message) => message.data.length > 0).map(readChunk);
  const isLast = (messages.at(-1)?.headers?.get('Nats-Num-Pending') || '0') === '0';
  return { chunks, isLast };
}

function readChunk(message: Msg): StoredChunk {
  return {
    chunk: message.json<DraftChunk>(),
    logSeq: Number(message.headers?.get('Nats-Sequence') ?? 0),
    storedMs: Date.parse(message.headers?.get('Nats-Time-Stamp') ?? ''),
  };
}

/** The Log port over JetStream: appends under expectation, heads from the leader, reads by direct get. */
import type { ConversationRef, EventKind } from '../../../domain/event.ts';
import { kindOfType } from '../../../domain/event.ts';
import type { ConversationId, NodeId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Log } from '../../../ports/log.ts';
import { problemOf } from '../connections/answer.ts';
import type { Requester } from '../connections/requester.ts';
import type { Streams } from '../streams/streams.ts';
import { conversationStream, logSubject, logSubjectAnyService, partitionOf } from '../subjects.ts';
import { HeaderBlock, writeEntryHeaders } from './entry-headers.ts';
import { readHead, readHeads, readLastRef, readMany } from './log-reads.ts';
import { openPublisher } from './publisher.ts';

/** No such message, no such sequence, nothing to delete. */
const goneAlready = [10037, 10043, 10057];

export function openLog(requester: Requester, streams: Streams, node: NodeId): Log {
  const publisher = openPublisher(requester);
  const partition = (conversation: ConversationId): number => partitionOf(conversation, streams.partitions);
  const pattern = (ref: ConversationRef, kind: EventKind | '*' = '*'): string =>
    logSubject(partition(ref.conversation), ref, kind);

  return {
    node,
    batchThreshold: streams.replicas > 1 ? limits.batchThresholdR3 : limits.batchThresholdR1,

    append(ref, expectLast, entries) {
      const messages = entries.map((entry) => {
        const headers = new HeaderBlock();
        writeEntryHeaders(headers, entry);
        return {
          subject: pattern(ref, kindOfType[entry.event.type]),
          // From Buffer's pool: an encoder makes a block of memory of its own for each, which is dear to collect.
          body: Buffer.from(JSON.stringify(entry.event), 'utf8'),
          headers,
        };
      });
      return publisher.publish(messages, pattern(ref), expectLast);
    },

    head: (ref) => readHead(requester, conversationStream(partition(ref.conversation)), pattern(ref)),

    async heads(refs) {
      const byPartition = new Map<number, string[]>();
      for (const ref of refs) {
        const own = partition(ref.conversation);
        byPartition.set(own, [...(byPartition.get(own) ?? []), pattern(ref)]);
      }
      const heads = new Map<string, number>();
      for (const [own, patterns] of byPartition) {
        const problem = await readHeads(requester, conversationStream(own), patterns, heads);
        if (problem !== null) return problem;
      }
      return refs.map((ref) => heads.get(pattern(ref)) ?? 0);
    },

    readAfter: (ref, afterLogSeq, limit, kind) =>
      readMany(
        requester,
        conversationStream(partition(ref.conversation)),
        pattern(ref, kind ?? '*'),
        afterLogSeq,
        limit,
      ),

    find(tenant, conversation) {
      const own = partition(conversation);
      const subject = logSubjectAnyService(own, tenant, conversation);
      return readLastRef(requester, conversationStream(own), subject);
    },

    async erase(ref, logSeqs) {
      const stream = conversationStream(partition(ref.conversation));
      for (const seq of logSeqs) {
        const problem = await manage(
          requester,
          `STREAM.MSG.DELETE.${stream}`,
          { seq, no_erase: false },
          goneAlready,
        );
        if (problem !== null) return problem;
      }
      return null;
    },

    purgeBefore(ref, logSeq) {
      const stream = conversationStream(partition(ref.conversation));
      return manage(requester, `STREAM.PURGE.${stream}`, { filter: pattern(ref), seq: logSeq }, []);
    },

    partitions: streams.partitions,
    partition,
    epoch: (conversation) => streams.epoch(partition(conversation)),
  };
}

/** One request to the JetStream API; `harmless`: codes of refusals that mean that it is done already. */
async function manage(
  requester: Requester,
  verb: string,
  body: object,
  harmless: readonly number[],
): Promise<Problem | null> {
  const request = new TextEncoder().encode(JSON.stringify(body));
  const answer = await requester.request(`$JS.API.${verb}`, request, null, limits.logReadTimeoutMs);
  if (answer.kind !== 'message') return problemOf(answer.kind);
  const reply = answer.message.json<{ error?: { err_code?: number } }>();
  if (reply.error === undefined || harmless.includes(reply.error.err_code ?? 0)) return null;
  return new Problem('unavailable');
}

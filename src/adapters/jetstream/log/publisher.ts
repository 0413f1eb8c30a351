/** Appends with expectations: one message, or an atomic batch for several. Never rejects. */
import type { Msg } from '@nats-io/transport-node';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { AppendResult } from '../../../ports/log.ts';
import { type Answer, problemOf } from '../connections/answer.ts';
import type { Requester } from '../connections/requester.ts';
import { HeaderBlock, headerNames } from './entry-headers.ts';

export interface Outgoing {
  readonly subject: string;
  readonly body: Uint8Array;
  /** Already holds what describes the entry; the expectation is added here. */
  readonly headers: HeaderBlock;
}

export interface Publisher {
  /** Stores all messages or none, if the last message on `expectSubject` has sequence `expectLast`. */
  publish(messages: readonly Outgoing[], expectSubject: string, expectLast: number): Promise<AppendResult>;
  /**
   * Stores one message without an expectation; null: stored. A problem may also mean that nobody knows. With an
   * `id` the stream stores it once in its duplicate window.
   */
  publishAnyhow(subject: string, body: Uint8Array, id?: string): Promise<Problem | null>;
}

/** wrong last sequence; the same while another writer's append is in flight (R3). */
const conflictCodes = new Set([10071, 10164]);
/** maximum bytes, maximum messages, insufficient storage or memory, store failed. */
const fullCodes = new Set([10077, 10078, 10047, 10028, 10023, 10002]);

export function openPublisher(requester: Requester): Publisher {
  const isBusy = (): boolean => requester.isFull || requester.pending >= limits.appendsInFlightMax;
  let batches = 0;
  const batchPrefix = Math.random().toString(36).slice(2, 10);

  /** Sends what surely nobody took again: a stream that is being made or has no leader yet answers soon. */
  async function answered(send: () => Promise<Answer>): Promise<Answer> {
    for (let pauseMs = 25; ; pauseMs *= 2) {
      const answer = await send();
      if (answer.kind !== 'no-responders' || pauseMs > limits.appendUnheardPauseMsMax) return answer;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  return {
    async publish(messages, expectSubject, expectLast) {
      if (isBusy()) return { kind: 'refused', problem: overloaded('log') };
      const [first] = messages;
      if (first === undefined) throw new Error('an append needs a message');
      first.headers.set(headerNames.expectLast, expectLast).set(headerNames.expectSubject, expectSubject);
      const { subject, body, headers } = first;
      if (messages.length === 1) {
        return resultOf(
          await answered(() => requester.request(subject, body, headers, limits.appendTimeoutMs)),
          1,
        );
      }
      batches += 1;
      return resultOf(await sendBatch(requester, messages, `${batchPrefix}${batches}`), messages.length);
    },

    async publishAnyhow(subject, body, id) {
      if (isBusy()) return overloaded('log');
      const headers = id === undefined ? null : new HeaderBlock().set(headerNames.messageId, id);
      const answer = await answered(() => requester.request(subject, body, headers, limits.appendTimeoutMs));
      const result = resultOf(answer, 1);
      if (result.kind === 'stored') return null;
      return result.kind === 'refused' ? result.problem : new Problem('unavailable');
    },
  };
}

/** An uncommitted batch stores nothing and is dropped by the server after ten seconds. */
async function sendBatch(
  requester: Requester,
  messages: readonly Outgoing[],
  batchId: string,
): Promise<Answer> {
  let sequence = 0;
  for (const { subject, body, headers } of messages) {
    sequence += 1;
    headers.set(headerNames.batchId, batchId).set(headerNames.batchSequence, sequence);
    if (sequence === messages.length) {
      headers.set(headerNames.batchCommit, 1);
      return await requester.request(subject, body, headers, limits.appendTimeoutMs);
    }
    if (!requester.send(subject, body, headers)) break;
  }
  return { kind: 'not-sent' };
}

interface PubAck {
  readonly seq?: number;
  readonly error?: { readonly err_code?: number; readonly code?: number };
}

function resultOf(answer: Answer, count: number): AppendResult {
  switch (answer.kind) {
    case 'not-sent':
    case 'no-responders':
    case 'overloaded':
    case 'no-place':
      return { kind: 'refused', problem: problemOf(answer.kind) };
    case 'lost':
      return { kind: 'unknown' };
    case 'message':
      return readAck(answer.message, count);
  }
}

function readAck(message: Msg, count: number): AppendResult {
  let ack: PubAck;
  try {
    ack = JSON.parse(message.string()) as PubAck;
  } catch {
    return { kind: 'unknown' };
  }
  if (ack.error === undefined && typeof ack.seq === 'number')
    return { kind: 'stored', firstLogSeq: ack.seq - count + 1 };
  const code = ack.error?.err_code ?? 0;
  if (conflictCodes.has(code)) return { kind: 'conflict' };
  if (fullCodes.has(code)) return { kind: 'refused', problem: new Problem('storage_full') };
  if (code === 10054) return { kind: 'refused', problem: new Problem('too_large') };
  // Anything else (no leader, shutting down, batch lost with its server): the log itself will tell.
  return { kind: 'unknown' };
}

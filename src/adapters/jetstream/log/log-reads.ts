/** Reads of a conversation stream: the head from its leader, ranges and many heads by direct get. */
import type { Msg } from '@nats-io/transport-node';
import type { ConversationRef, LogEntry } from '../../../domain/event.ts';
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import { problemOf } from '../connections/answer.ts';
import type { Requester } from '../connections/requester.ts';
import { refOfLogSubject } from '../subjects.ts';
import { readEntry } from './entry-headers.ts';

const encode = (body: object): Uint8Array => new TextEncoder().encode(JSON.stringify(body));
const unavailable = (): Problem => new Problem('unavailable');

/** No message found: the API's error code, and the status of a direct get. */
const notFoundCode = 10037;
const notFoundStatus = 404;
const endOfBatchStatus = 204;

/**
 * Sequence of the last message on `pattern`, 0 when there is none, from the stream's leader
 * (STREAM.MSG.GET; a direct get may be answered by a replica that lags behind).
 */
export async function readHead(
  requester: Requester,
  stream: string,
  pattern: string,
): Promise<number | Problem> {
  const text = await readLast(requester, stream, pattern);
  if (text === null || text instanceof Problem) return text ?? 0;
  // The answer carries the whole message in base64: only its sequence is read.
  const match = /"seq":\s*(\d+)/.exec(text);
  return match === null ? unavailable() : Number(match[1]);
}

/** Sequence of the first message on `subject` after a sequence, from the leader; null when there is none. */
export async function readNext(
  requester: Requester,
  stream: string,
  subject: string,
  after: number,
): Promise<number | null | Problem> {
  const text = await askLeader(requester, stream, { seq: after + 1, next_by_subj: subject });
  if (text === null || text instanceof Problem) return text;
  return (JSON.parse(text) as { message: { seq: number } }).message.seq;
}

/** The same, leaving out messages that were stored before `sinceMs`: so many of them are looked at, not more. */
export async function readNextSince(
  requester: Requester,
  stream: string,
  { subject, after, sinceMs }: { readonly subject: string; readonly after: number; readonly sinceMs: number },
): Promise<number | null | Problem> {
  let from = after;
  for (let looks = 0; looks < agedLooksMax; looks += 1) {
    const text = await askLeader(requester, stream, { seq: from + 1, next_by_subj: subject });
    if (text === null || text instanceof Problem) return text;
    const { seq, time } = (JSON.parse(text) as { message: { seq: number; time: string } }).message;
    if (Date.parse(time) >= sinceMs) return seq;
    from = seq;
  }
  return null;
}

const agedLooksMax = 100;

/** Which conversation the last message on `pattern` belongs to; null when there is none. */
export async function readLastRef(
  requester: Requester,
  stream: string,
  pattern: string,
): Promise<ConversationRef | null | Problem> {
  const text = await readLast(requester, stream, pattern);
  if (text === null || text instanceof Problem) return text;
  const { message } = JSON.parse(text) as { message: { subject: string } };
  return refOfLogSubject(message.subject);
}

function readLast(requester: Requester, stream: string, pattern: string): Promise<string | null | Problem> {
  return askLeader(requester, stream, { last_by_subj: pattern });
}

async function askLeader(
  requester: Requester,
  stream: string,
  asked: object,
): Promise<string | null | Problem> {
  const request = encode(asked);
  const answer = await requester.ask(`$JS.API.STREAM.MSG.GET.${stream}`, request, limits.logReadTimeoutMs);
  if (answer.kind !== 'message') return problemOf(answer.kind);
  const text = answer.message.string();
  if (!text.includes('"error"')) return text;
  const { error } = JSON.parse(text) as { error?: { err_code?: number } };
  if (error === undefined) return text;
  return error.err_code === notFoundCode ? null : unavailable();
}

/** Each pattern is answered by up to seven messages, one for each kind, and an answer is bounded like a page. */
const headsPerRequestMax = Math.floor(limits.logReadPageMax / 7);

/** Heads of many patterns (`….*`) by batched last-per-subject direct gets, put into `heads` by pattern. */
export async function readHeads(
  requester: Requester,
  stream: string,
  patterns: readonly string[],
  heads: Map<string, number>,
): Promise<Problem | null> {
  for (let start = 0; start < patterns.length; start += headsPerRequestMax) {
    const request = encode({ multi_last: patterns.slice(start, start + headsPerRequestMax) });
    const { messages, end } = await requester.requestMany(
      `$JS.API.DIRECT.GET.${stream}`,
      request,
      limits.logReadTimeoutMs,
      isEnd,
    );
    if (end !== 'message') return problemOf(end);
    for (const message of messages) {
      if (statusOf(message) !== 0) continue;
      const subject = message.headers?.get('Nats-Subject') ?? '';
      const pattern = `${subject.slice(0, subject.lastIndexOf('.'))}.*`;
      heads.set(pattern, Math.max(heads.get(pattern) ?? 0, sequenceOf(message)));
    }
  }
  return null;
}

interface ReadMessage {
  readonly sequence: number;
  readonly subject: string;
  readonly message: Msg;
}

/** A page of messages on `pattern` after a sequence, in order. */
export async function readMessages(
  requester: Requester,
  stream: string,
  pattern: string,
  afterLogSeq: number,
  limit: number = limits.logReadPageMax,
): Promise<{ readonly messages: readonly ReadMessage[]; readonly isLast: boolean } | Problem> {
  const batch = Math.min(limit, limits.logReadPageMax);
  const request = encode({
    next_by_subj: pattern,
    seq: afterLogSeq + 1,
    batch,
    max_bytes: limits.batchBytesMax,
  });
  const { messages, end } = await requester.requestMany(
    `$JS.API.DIRECT.GET.${stream}`,
    request,
    limits.logReadTimeoutMs,
    isEnd,
  );
  if (end !== 'message') return problemOf(end);
  const found: ReadMessage[] = [];
  let isLast = true;
  for (const message of messages) {
    const status = statusOf(message);
    if (status === 0) {
      const subject = message.headers?.get('Nats-Subject') ?? '';
      found.push({ sequence: sequenceOf(message), subject, message });
    } else if (status === endOfBatchStatus) {
      isLast = (message.headers?.get('Nats-Num-Pending') ?? '0') === '0';
    } else if (status !== notFoundStatus) return unavailable();
  }
  return { messages: found, isLast };
}

/** Up to `limit` entries on `pattern` after a sequence, in order. */
export async function readMany(
  requester: Requester,
  stream: string,
  pattern: string,
  afterLogSeq: number,
  limit: number,
): Promise<{ readonly entries: readonly LogEntry[]; readonly isLast: boolean } | Problem> {
  const page = await readMessages(requester, stream, pattern, afterLogSeq, limit);
  if (page instanceof Problem) return page;
  const entries = page.messages.map(({ sequence, message }) =>
    readEntry(message.data, message.headers, sequence),
  );
  return { entries, isLast: page.isLast };
}

function sequenceOf(message: Msg): number {
  return Number(message.headers?.get('Nats-Sequence') ?? 0);
}

function statusOf(message: Msg): number {
  return message.data.length > 0 ? 0 : (message.headers?.code ?? 0);
}

/** The message that ends an answer: end of batch, not found, or an error status. */
function isEnd(message: Msg): boolean {
  return statusOf(message) !== 0;
}

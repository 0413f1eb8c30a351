/**
 * Senders that never give up: each has one post in flight, sends it again with the same client id until it is
 * acknowledged, and goes to another node when its own is gone.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { openIdSource } from '../../../../src/adapters/system/id-source.ts';
import type { KeyHolder } from '../../clients/accounts.ts';
import type { ServerFrame } from '../../clients/native-client.ts';
import { type Ack, textOf } from '../proofs/events.ts';
import { type Asking, openAsking } from './asking-socket.ts';

/** What became of a load so far. */
export type Ledger = {
  readonly acks: Ack[];
  /** How often each problem was answered. */
  readonly refusals: Map<string, number>;
  /** How often a socket ended with each code. */
  readonly closes: Map<number, number>;
  /** Milliseconds from the first attempt to the acknowledgement, with the time at which it came. */
  readonly latencies: { readonly sender: string; readonly atMs: number; readonly ms: number }[];
  /** What must never happen whatever breaks. */
  readonly faults: string[];
};

export type SenderPlan = {
  readonly name: string;
  readonly who: KeyHolder;
  /** Tried in this order, again from the first after the last. */
  readonly urls: readonly string[];
  readonly conversations: readonly string[];
  /** Pause after each acknowledgement, ms. */
  readonly restMs: number;
  /** Aborted when the test has ended: then nobody waits for an acknowledgement any more. */
  readonly gone: AbortSignal;
};

/** Problems that a sender may meet while something is broken, and after which it tries again. */
const passing = new Set(['unavailable', 'overloaded', 'rate_limited', 'storage_full']);
const retryMsMax = 1_000;
const answerMsMax = 15_000;
const ids = openIdSource();

/** One way to a node. Rejects when the way is gone. */
type Way = { post(fields: object): Promise<ServerFrame>; end(): Promise<unknown> | unknown };

/** Sends until `signal`; resolves when the post that was in flight then is acknowledged. */
export async function sendOverSockets(plan: SenderPlan, ledger: Ledger, signal: AbortSignal): Promise<void> {
  let socket: Asking | null = null;
  let next = 0;
  let notBeforeMs = 0;
  const open = async (): Promise<Way> => {
    if (socket === null) {
      await delay(Math.max(0, notBeforeMs - performance.now()));
      const url = plan.urls[next++ % plan.urls.length] ?? '';
      const opened = await openAsking(url, plan.who.token, ({ bye }) => {
        if (bye?.code === 'slow_consumer') ledger.faults.push(`${plan.name} was called a slow consumer`);
      });
      socket = opened;
      void opened.ended.then((code) => {
        ledger.closes.set(code, (ledger.closes.get(code) ?? 0) + 1);
        notBeforeMs = performance.now() + opened.retryAfterMs();
        if (socket === opened) socket = null;
      });
    }
    const open = socket;
    return { post: (fields) => open.ask('post', fields, answerMsMax), end: () => open.end() };
  };
  await send(plan, ledger, signal, open);
}

/** The same by request and reply on NATS, as a service does that has no HTTP. */
export async function sendOverNats(
  plan: SenderPlan,
  ledger: Ledger,
  signal: AbortSignal,
  natsUrl: string,
): Promise<void> {
  const { who } = plan;
  let connection: NatsConnection | null = null;
  const open = async (): Promise<Way> => {
    connection ??= await connect({
      servers: natsUrl.split(',').map((url) => new URL(url).host),
      token: who.token,
      inboxPrefix: `_INBOX_${who.id}`,
      timeout: answerMsMax,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
      ignoreAuthErrorAbort: true,
      pingInterval: 2_000,
    });
    const nats = connection;
    return {
      async post(fields) {
        const subject = `api.${who.tenant}.${who.id}.post`;
        const answer = await nats.request(subject, JSON.stringify(fields), { timeout: 5_000 });
        return answer.json<ServerFrame>();
      },
      // It reconnects by itself: a request that was not answered says nothing about the connection.
      end: () => undefined,
    };
  };
  await send(plan, ledger, signal, open);
  await (connection as NatsConnection | null)?.close();
}

async function send(
  plan: SenderPlan,
  ledger: Ledger,
  signal: AbortSignal,
  open: () => Promise<Way>,
): Promise<void> {
  const { name, conversations, restMs } = plan;
  let way: Way | null = null;
  for (let number = 0; !signal.aborted; number += 1) {
    const conversation = conversations[number % conversations.length] ?? '';
    const clientId = ids.next();
    const fields = { conversation, content: textOf(name, number), client_id: clientId };
    const beganMs = performance.now();
    for (let isDone = false; !isDone && !plan.gone.aborted; ) {
      try {
        way = await open();
        const reply = await way.post(fields);
        isDone = reply['ok'] === true;
        if (isDone) {
          const { position, seq } = reply as { position: number; seq: number };
          ledger.acks.push({ sender: name, number, clientId, conversation, position, seq });
          const atMs = performance.now();
          ledger.latencies.push({ sender: name, atMs, ms: atMs - beganMs });
        } else await refused(reply['problem'], name, ledger);
      } catch {
        // The node is gone or says nothing: what became of the post is unknown, so the same one is sent again.
        await way?.end();
        await delay(20 + Math.random() * 80);
      }
    }
    if (restMs > 0) await delay(restMs);
  }
  await way?.end();
}

async function refused(problem: ServerFrame | undefined, name: string, ledger: Ledger): Promise<void> {
  const code: string = problem?.['code'] ?? 'no problem named';
  ledger.refusals.set(code, (ledger.refusals.get(code) ?? 0) + 1);
  if (!passing.has(code)) ledger.faults.push(`${name} was refused: ${JSON.stringify(problem)}`);
  const waitMs: number = problem?.['retry_after_ms'] ?? 100;
  await delay(Math.min(waitMs, retryMsMax) * (0.5 + Math.random() / 2));
}

/**
 * Many callers that come back when they are told to: each has one post in flight, and what it is answered is an
 * acknowledgement, or a refusal that says when to come back. Anything else is a fault.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { openIdSource } from '../../../../src/adapters/system/id-source.ts';
import { type Ack, textOf } from '../proofs/events.ts';
import type { Asking } from './asking-socket.ts';

export type CallersLedger = {
  readonly acks: Ack[];
  /** How often each problem was answered. */
  readonly refusals: Map<string, number>;
  readonly faults: string[];
  /** What an answer took at most, of either kind, ms. */
  slowestMs: number;
  /** What each acknowledgement took since somebody last emptied this, ms. */
  readonly ackMs: number[];
};

export const newLedger = (): CallersLedger => ({
  acks: [],
  refusals: new Map(),
  faults: [],
  slowestMs: 0,
  ackMs: [],
});

const passing = new Set(['overloaded', 'unavailable', 'rate_limited']);
const answerMsMax = 30_000;
const ids = openIdSource();

/**
 * Posts one after another, with a pause of about `restMs`, until `signal`; the one in flight then is posted until it
 * is acknowledged.
 */
export async function callUntil(
  socket: Asking,
  name: string,
  conversation: string,
  ledger: CallersLedger,
  signal: AbortSignal,
  restMs = 0,
): Promise<void> {
  for (let number = 0; !signal.aborted; number += 1) {
    const clientId = ids.next();
    const fields = { conversation, content: textOf(name, number), client_id: clientId };
    for (let isDone = false; !isDone; ) {
      const beganMs = performance.now();
      const reply = await socket.ask('post', fields, answerMsMax);
      const tookMs = performance.now() - beganMs;
      ledger.slowestMs = Math.max(ledger.slowestMs, tookMs);
      isDone = reply['ok'] === true;
      if (!isDone) await comeBack(reply['problem'], name, ledger);
      else {
        const { position, seq } = reply as unknown as { position: number; seq: number };
        ledger.acks.push({ sender: name, number, clientId, conversation, position, seq });
        ledger.ackMs.push(tookMs);
      }
    }
    if (restMs > 0) await delay(restMs * (0.5 + Math.random()));
  }
}

type Refusal = { readonly code?: string; readonly retry_after_ms?: number } | undefined;

/** Waits as told: a little longer, so that not all come back at once. */
export async function comeBack(problem: Refusal, name: string, ledger: CallersLedger): Promise<void> {
  const { code = 'none', retry_after_ms: afterMs = 0 } = problem ?? {};
  ledger.refusals.set(code, (ledger.refusals.get(code) ?? 0) + 1);
  if (!passing.has(code) || afterMs < 1_000)
    ledger.faults.push(`${name} was refused with ${JSON.stringify(problem)}`);
  await delay(Math.max(afterMs, 100) * (1 + Math.random() / 2));
}

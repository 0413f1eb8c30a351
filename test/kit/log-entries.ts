import { randomUUID } from 'node:crypto';
import type { ConversationRef, Event, LogEntry } from '../../src/domain/event.ts';
import { formatMicros } from '../../src/domain/time.ts';

/** A conversation that nobody has used. */
export function freshRef(service: string | null = null): ConversationRef {
  return { tenant: randomUUID(), service, conversation: randomUUID() };
}

/** A message event at a position, as a node would log it. */
export function messageEntry(
  ref: ConversationRef,
  position: number,
  content = `message ${position}`,
): LogEntry {
  const id = randomUUID();
  const event: Event = {
    v: 1,
    id,
    conversation: ref.conversation,
    position,
    seq: position,
    type: 'message.posted',
    at: formatMicros(1_700_000_000_000_000 + position),
    actor: { id: 'sender', kind: 'user' },
    data: {
      message_id: id,
      content,
      content_type: 'text',
      reply_to: null,
      priority: 'normal',
      interruptible: true,
      metadata: {},
    },
  };
  return { event, logSeq: 0, node: 'test', dataClass: 'none', policyRef: null, erased: [] };
}

/**
 * Waits until `holds` answers true (looked at every few milliseconds); throws after `withinMs`: longer than a busy
 * machine stands still, shorter than the 30 s after which NATS delivers by itself what nobody acknowledged.
 */
export async function until(holds: () => boolean | Promise<boolean>, withinMs = 25_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`did not become true within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

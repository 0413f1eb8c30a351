import type { ConsumerMessages } from '@nats-io/jetstream';

/** What the client's messages have, and its types leave out. */
interface Pulling {
  readonly sub: { drain(): Promise<void> };
  pull: (options: unknown) => void;
}

/** From now on the server is asked for nothing more; what was asked for still comes. */
export function stopPulling(messages: ConsumerMessages): void {
  (messages as unknown as Pulling).pull = () => undefined;
}

/**
 * Ends it, and resolves when what was on its way has been handed to the callback, or after `withinMs`. With close()
 * alone the client drops that unseen, and the server delivers it again only when it was silent for long enough: one in
 * five webhooks that were made active again at once stood still for ten seconds (measured).
 */
export async function drain(messages: ConsumerMessages, withinMs: number): Promise<void> {
  stopPulling(messages);
  // Rejects where it is closed already, with its connection for example: then nothing is on its way.
  await atMost(
    (messages as unknown as Pulling).sub.drain().catch(() => undefined),
    withinMs,
  );
  await messages.close();
}

/** Resolves with it, or after so many milliseconds. */
export async function atMost(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

/** A reader that keeps nothing but where it is: each event must be the next of its conversation. */
import { setTimeout as delay } from 'node:timers/promises';
import { openAsking } from '../../test/kit/chaos/actors/asking-socket.ts';

export type Follower = {
  /** What broke the order. */
  readonly faults: readonly string[];
  readonly events: () => number;
  /** Conversation -> the last position that it got. */
  readonly positions: ReadonlyMap<string, number>;
  /** Resolves when it has left, after `signal`. */
  readonly ended: Promise<void>;
};

/** Follows until `signal`; whenever its socket ends it comes back and reads on from where it was. */
export function follow(
  url: string,
  token: string,
  conversations: readonly string[],
  signal: AbortSignal,
): Follower {
  const positions = new Map<string, number>(conversations.map((id) => [id, 0]));
  const epochs = new Map<string, string>();
  const faults: string[] = [];
  let events = 0;
  const gone = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );

  async function once(): Promise<void> {
    const socket = await openAsking(url, token, ({ ev }) => {
      const last = positions.get(ev?.conversation);
      if (last === undefined) return;
      events += 1;
      if (ev.position !== last + 1) faults.push(`${ev.position} after ${last} in ${ev.conversation}`);
      positions.set(ev.conversation, ev.position);
    });
    try {
      for (const [conversation, position] of [...positions]) {
        const epoch = epochs.get(conversation);
        const after = epoch === undefined ? position : `${epoch}:${position}`;
        const opened = (await socket.ask('open', { conversation, after }, 30_000))['conversations']?.[0];
        if (opened?.epoch === undefined) throw new Error('not opened');
        epochs.set(conversation, opened.epoch);
      }
      await Promise.race([gone, socket.ended]);
    } finally {
      socket.end();
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      // A slow server may refuse it: it comes back.
      await once().catch(() => undefined);
      if (!signal.aborted) await delay(500 + Math.random() * 500);
    }
  }

  return { faults, positions, events: () => events, ended: run() };
}

/** A socket that follows something over everything that breaks: it comes back at the next node when its own is gone. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerFrame } from '../../clients/native-client.ts';
import { type Asking, openAsking } from './asking-socket.ts';

export type FollowPlan = {
  readonly token: string;
  /** Tried in this order, again from the first after the last. */
  readonly urls: readonly string[];
  /** Opens on a new connection what is followed, from where it was. Rejects: the next node is tried. */
  begin(socket: Asking): Promise<void>;
  /** Everything that is not a reply. */
  hear(frame: ServerFrame): void;
};

export type Following = {
  /** The present connection, or the last one. */
  readonly current: () => Asking | null;
  /** How often it connected. */
  readonly connections: () => number;
  end(): Promise<void>;
};

/** Stays away after a loss for as long as the node asked for when it said bye. */
export function follow({ token, urls, begin, hear }: FollowPlan): Following {
  let isOver = false;
  let connections = 0;
  let current: Asking | null = null;

  async function run(): Promise<void> {
    for (let attempt = 0; !isOver; attempt += 1) {
      try {
        current = await openAsking(urls[attempt % urls.length] ?? '', token, hear);
        connections += 1;
        await begin(current);
        await current.ended;
        if (!isOver) await delay(current.retryAfterMs());
      } catch {
        current?.end();
        await delay(50 + Math.random() * 100);
      }
    }
  }

  const running = run();
  return {
    current: () => current,
    connections: () => connections,
    async end() {
      isOver = true;
      current?.end();
      await running;
    },
  };
}

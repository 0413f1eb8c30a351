/** Readers that follow conversations over everything that breaks, and keep what they saw in the order they saw it. */
import { connect } from '@nats-io/transport-node';
import type { KeyHolder } from '../../clients/accounts.ts';
import type { ServerFrame } from '../../clients/native-client.ts';
import type { Teardown } from '../../temporary.ts';
import { type Seen, seenOf } from '../proofs/events.ts';
import type { Asking } from './asking-socket.ts';
import { follow } from './follow.ts';

export type Observer = {
  readonly name: string;
  /** By conversation. A reader of sockets has all from position 1 on; one on NATS may miss some. */
  readonly seen: ReadonlyMap<string, readonly Seen[]>;
  /** What broke a promise when it came: a gap, a repetition, a step back. */
  readonly faults: readonly string[];
  /** How often it connected. */
  readonly connections: () => number;
  /** Stops following; what it saw stays. */
  end(): Promise<void>;
};

/** One that may stop reading for a while. */
export type SocketObserver = Observer & {
  /** Reads nothing more from its present connection… */
  pause(): void;
  /** …until now. */
  resume(): void;
  /** Gives its present connection up, as who heard nothing for a while, and connects anew. */
  drop(): void;
};

/** Follows from position 1 on, and after each loss of its socket from its cursors on, at the next node. */
export function observeOverSocket(
  name: string,
  who: KeyHolder,
  urls: readonly string[],
  conversations: readonly string[],
): SocketObserver {
  const seen = new Map<string, Seen[]>(conversations.map((id) => [id, []]));
  const epochs = new Map<string, string>();
  const faults: string[] = [];

  function heard(frame: ServerFrame): void {
    const event = frame['ev'];
    const list = seen.get(event?.conversation);
    if (event === undefined || list === undefined) return;
    const last = list.at(-1)?.position ?? 0;
    if (event.position !== last + 1)
      faults.push(
        `${name}: ${event.position} after ${last} in ${event.conversation}, connection ${following.connections()}`,
      );
    list.push(seenOf(event));
  }

  async function openAll(socket: Asking): Promise<void> {
    for (const conversation of conversations) {
      const position = seen.get(conversation)?.at(-1)?.position ?? 0;
      const epoch = epochs.get(conversation);
      const after = epoch === undefined ? position : `${epoch}:${position}`;
      const reply = await socket.ask('open', { conversation, after });
      const opened = reply['conversations']?.[0];
      if (opened?.epoch !== undefined) epochs.set(conversation, opened.epoch);
      // A server that is away refuses; a cursor of a log that is no more is for the program to judge.
      else throw new Error(`not opened: ${JSON.stringify(reply)}`);
    }
  }

  const following = follow({ token: who.token, urls, begin: openAll, hear: heard });
  return {
    name,
    seen,
    faults,
    connections: following.connections,
    pause: () => following.current()?.socket.pause(),
    resume: () => following.current()?.socket.resume(),
    drop: () => following.current()?.end(),
    end: following.end,
  };
}

/**
 * A service that follows `live.<tenant>.>`: core NATS, so it may miss events, but never sees one moved. Nor twice, where
 * there is one server: of several, a leader that stood still may tell again what the next one has told.
 */
export async function observeOverNats(
  t: Teardown,
  name: string,
  who: KeyHolder,
  natsUrl: string,
): Promise<Observer> {
  const seen = new Map<string, Seen[]>();
  const faults: string[] = [];
  const hasLeaders = natsUrl.includes(',');
  const connection = await connect({
    servers: natsUrl.split(',').map((url) => new URL(url).host),
    token: who.token,
    inboxPrefix: `_INBOX_${who.id}`,
    timeout: 15_000,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    ignoreAuthErrorAbort: true,
    pingInterval: 2_000,
  });
  t.teardown(() => connection.close());
  connection.subscribe(`live.${who.tenant}.>`, {
    callback: (_error, message) => {
      const event = message.json<ServerFrame>();
      const list = seen.get(event['conversation']) ?? [];
      const last = list.at(-1)?.position ?? 0;
      const told = list.findLast(({ position }) => position <= event['position']);
      if (hasLeaders && told?.id === event['id']) return;
      if (event['position'] <= last)
        faults.push(`${name}: ${event['position']} after ${last} in ${event['conversation']}`);
      list.push(seenOf(event));
      seen.set(event['conversation'], list);
    },
  });
  await connection.flush();
  return { name, seen, faults, connections: () => 1, end: () => connection.close() };
}

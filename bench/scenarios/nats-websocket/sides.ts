/** Agents that post to Parley's native socket, and agents that publish to NATS's own WebSocket listener. */
import { randomUUID } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import { createConversation } from '../../kit/clients/conversation.ts';
import { openNative } from '../../kit/clients/native-client.ts';
import { openPackageSocket } from '../../kit/clients/package-socket.ts';
import { eventJson } from '../../kit/figures/event-sample.ts';
import { type CpuReader, cpuOf } from '../../kit/references/process-usage.ts';
import type { ScenarioContext } from '../../kit/scenario.ts';
import { uuidV7 } from '../../kit/uuid-v7.ts';
import { openNatsPeer, publishSubject, storedSubject } from '../../peers/nats-websocket/nats-peer.ts';

/** The usual name of the reference in the table. */
export const natsName = '(n) JetStream publish over NATS WebSocket';

/** One connection of one agent. */
export type DirectAgent = {
  /** Resolves when it is durable. */
  post(conversation: string, content: string): Promise<void>;
  /** Calls `take` with what is posted from now on. */
  follow(conversation: string, take: (content: string) => void): Promise<void>;
};

export type DirectSide = {
  /** A conversation of agents, by number: 0-99. */
  converse(agents: readonly number[]): Promise<string>;
  open(agent: number): Promise<DirectAgent>;
  /** Of the processes that work for it, but for the load. */
  readonly cpu: Readonly<Record<string, CpuReader>>;
};

export async function openDirectSides(
  context: ScenarioContext,
): Promise<{ readonly parley: DirectSide; readonly nats: DirectSide }> {
  return { parley: await parleySide(context), nats: await natsSide(context) };
}

/** Over the package `ws`, as the client of NATS. */
async function parleySide(context: ScenarioContext): Promise<DirectSide> {
  const { agents } = context.accounts;
  const { socketUrl, pid } = await context.stack.parley();
  const openAs = async (agent: number, take: (conversation: string, content: string) => void) => {
    const pushes = {
      onEvent: ({
        type,
        conversation,
        data,
      }: {
        type: string;
        conversation: string;
        data: { content?: string };
      }) => {
        if (type === 'message.posted') take(conversation, data.content ?? '');
      },
    };
    const ring = (error: Error): void => context.alarm.ring(error);
    const client = await openNative(socketUrl, agents[agent]!.key, pushes, ring, openPackageSocket);
    context.closers.add(() => client.close());
    return client;
  };
  return {
    cpu: { parley: cpuOf(pid), nats: cpuOf(context.stack.natsPid) },
    async converse([creator = 0, ...others]) {
      const participants = others.map((agent) => ({ id: agents[agent]!.id, kind: 'agent' as const }));
      return createConversation(await openAs(creator, () => undefined), 'direct', participants);
    },
    async open(agent) {
      const takers = new Map<string, (content: string) => void>();
      const client = await openAs(agent, (conversation, content) => takers.get(conversation)?.(content));
      return {
        async post(conversation, content) {
          await client.request({ op: 'post', conversation, content, client_id: uuidV7() });
        },
        async follow(conversation, take) {
          takers.set(conversation, take);
          await client.request({ op: 'open', conversation });
        },
      };
    },
  };
}

/** Bodies are events of the usual size; what is followed is what the stream has stored. */
async function natsSide(context: ScenarioContext): Promise<DirectSide> {
  const peer = await openNatsPeer(context.closers);
  return {
    cpu: { server: cpuOf(peer.pid) },
    converse: async () => randomUUID(),
    async open() {
      const connection = await peer.connect();
      context.closers.add(() => connection.close());
      const stream = jetstream(connection);
      let position = 0;
      return {
        async post(conversation, content) {
          position += 1;
          await stream.publish(publishSubject(conversation), eventJson(position, content));
        },
        async follow(conversation, take) {
          connection.subscribe(storedSubject(conversation), {
            callback: (error, message) => {
              if (error !== null) context.alarm.ring(error);
              else take(message.json<{ data: { content: string } }>().data.content);
            },
          });
          await connection.flush();
        },
      };
    },
  };
}

/**
 * Readers on bare TCP in the socket APIs: they follow a conversation, and stop reading when they are told to. General Bots'
 * socket is not among them: it follows sessions of its own, over the same outbox as the native one.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { KeyHolder } from '../../clients/accounts.ts';
import { messagingToken } from '../../clients/messaging-client.ts';
import { RawPoller } from '../../clients/raw-poller.ts';
import { RawSocket } from '../../clients/raw-socket.ts';
import { until } from '../../log-entries.ts';
import type { Teardown } from '../../temporary.ts';

type Node = { readonly url: string };
type Who = { readonly id: string; readonly token: string };

export type IdleReader = {
  stopReading(): void;
  readOn(): void;
  /** Takes so many bytes; call it after stopReading(). */
  readSome(bytes: number): void;
  /** Resolves when its connection has ended. With the close code where there is one. */
  readonly ended: Promise<number | null>;
};

export const readerKinds = ['native', 'Symbia', 'ElizaOS', 'Vero'] as const;
export type ReaderKind = (typeof readerKinds)[number];

const engine = '/socket.io/?EIO=4&transport=websocket';

/** Follows the conversation when it resolves. */
export async function openIdleReader(
  t: Teardown,
  kind: ReaderKind,
  node: Node,
  who: Who,
  conversation: string,
): Promise<IdleReader> {
  const at = { port: Number(new URL(node.url).port) };
  /** Sends what follows when a text that begins so has come. */
  const said = async (socket: RawSocket, start: string, next: string): Promise<RawSocket> => {
    await new Promise<void>((resolve) => {
      socket.onText = (body) => {
        if (body.toString().startsWith(start)) resolve();
      };
    });
    if (next !== '') socket.sendText(next);
    return socket;
  };
  if (kind === 'native') {
    const socket = await RawSocket.connect(t, at, who.token);
    socket.send({ op: 'open', id: 'o', conversation });
    return said(socket, '{"re":"o"', '');
  }
  if (kind === 'Vero') {
    const token = await messagingToken(node, who.token);
    const socket = await RawSocket.open(t, at, `/v1/messaging/ws?token=${token}`);
    await until(() => socket.texts > 0);
    socket.send({ action: 'subscribe', conversation_ids: [conversation] });
    await until(() => socket.texts > 1);
    return socket;
  }
  const socket = await RawSocket.open(t, at, engine);
  const auth = kind === 'Symbia' ? { token: who.token } : { entityId: who.id, apiKey: who.token };
  await until(() => socket.texts > 0);
  socket.sendText(`40${JSON.stringify(auth)}`);
  await said(socket, '40', '');
  if (kind === 'ElizaOS') {
    socket.sendText(`42${JSON.stringify(['join', { roomId: conversation }])}`);
    await said(socket, '42["room_joined"', '');
  }
  return socket;
}

/** A client of Socket.IO that connected by polling, and polls no more. */
export async function openIdlePoller({ url }: Node, { token }: Who): Promise<RawPoller> {
  return RawPoller.connect(url, token);
}

/** A service on NATS that follows everything of its tenant, and reads nothing of it. */
export async function openIdleOnNats(t: Teardown, natsUrl: string, who: KeyHolder): Promise<void> {
  const { hostname, port } = new URL(natsUrl);
  const socket = connect(Number(port), hostname);
  t.teardown(() => socket.destroy());
  socket.on('error', () => undefined);
  const options = {
    auth_token: who.token,
    verbose: false,
    protocol: 1,
    lang: 'raw',
    version: '0',
    name: 'idle',
  };
  await once(socket, 'data');
  socket.write(`CONNECT ${JSON.stringify(options)}\r\nSUB live.${who.tenant}.> 1\r\nPING\r\n`);
  for (let text = ''; !text.includes('PONG\r\n'); ) text += String((await once(socket, 'data'))[0]);
  socket.pause();
}

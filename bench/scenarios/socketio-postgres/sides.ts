/** Parley through Symbia's dialect and a Socket.IO and PostgreSQL server, driven by the same code. */
import { randomUUID } from 'node:crypto';
import { agentCount } from '../../kit/clients/accounts.ts';
import { type ChatSide, parleyChatSide } from '../../kit/clients/chat-side.ts';
import { symbiaClient } from '../../kit/clients/symbia-client.ts';
import type { ScenarioContext } from '../../kit/scenario.ts';
import { type ChatPeer, openChatPeer } from '../../peers/socketio-postgres/chat-peer.ts';

/** The usual name of the reference in the table. */
export const chatName = '(p) Socket.IO and PostgreSQL';

export type ChatSides = {
  readonly parley: ChatSide;
  readonly peer: ChatSide;
  /** The peer, answering before its commits are on the disk. */
  readonly unsynced: ChatSide;
  readonly cpu: ChatPeer['cpu'];
};

/** The peer is started for one scenario and has nothing but what that posts. */
export async function openChatSides(context: ScenarioContext): Promise<ChatSides> {
  const peer = await openChatPeer(context.closers);
  const users = Array.from({ length: agentCount }, () => randomUUID());
  const tokens = await Promise.all(users.map((user) => peer.token(user)));
  const ownerToken = await peer.token(randomUUID());
  const sideAt = (url: string): ChatSide => ({
    url,
    users,
    headers: (index) => ({ authorization: `Bearer ${tokens[index]}` }),
    auth: (index) => ({ token: tokens[index]! }),
    owner: symbiaClient(url, ownerToken, ({ sequence }) => sequence),
    anyOrder: true,
  });
  return {
    parley: parleyChatSide((await context.stack.parley()).url, context.accounts),
    peer: sideAt(peer.url),
    unsynced: sideAt(peer.unsyncedUrl),
    cpu: peer.cpu,
  };
}

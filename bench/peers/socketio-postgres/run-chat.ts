/** `node dist/bench/peers/socketio-postgres/run-chat.js`: the chat server by itself, to be asked how it behaves, until Ctrl-C. */
import { randomUUID } from 'node:crypto';
import { Closers } from '../../kit/closers.ts';
import { openChatPeer } from './chat-peer.ts';

const closers = new Closers();
const peer = await openChatPeer(closers);
console.log(`${peer.url}, a PostgreSQL of its own, removed at the end`);
console.log(`a user's token: ${await peer.token(randomUUID())}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void closers.closeAll().finally(() => process.exit()));
}

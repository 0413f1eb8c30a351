/** The chat server in a process of its own; CHAT_DATABASE_URL, CHAT_SECRET and CHAT_SYNCHRONOUS_COMMIT say how. */
import { serveBeside } from '../../kit/beside-process.ts';
import { serveChat } from './chat-server.ts';
import { ChatStore } from './chat-store.ts';
import { TokenVerifier } from './chat-tokens.ts';

const { CHAT_DATABASE_URL = '', CHAT_SECRET = '', CHAT_SYNCHRONOUS_COMMIT } = process.env;
const store = await ChatStore.open(CHAT_DATABASE_URL, CHAT_SYNCHRONOUS_COMMIT === 'off' ? 'off' : 'on');
const port = await serveChat(store, new TokenVerifier(CHAT_SECRET));
serveBeside({ url: `http://127.0.0.1:${port}` }, async () => {
  throw new Error('the chat server takes its orders over HTTP');
});

/**
 * A chat server as a competent team writes it on Node today: REST and Socket.IO over one PostgreSQL. A message is
 * stored, then broadcast to the room of its conversation, then answered. One process: more of them would need an
 * adapter between them (Redis, or PostgreSQL's NOTIFY), which costs rather than saves on two cores.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Server, type Socket } from 'socket.io';
import type { ChatStore, MessageRow } from './chat-store.ts';
import type { TokenVerifier } from './chat-tokens.ts';

const bodyBytesMax = 1_048_576;
const pageMax = 200;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const messagesPath = /^\/api\/conversations\/([^/]+)\/messages$/;

type Answer = { readonly status: number; readonly body: unknown };
type Ack = (answer: object) => void;

const refusal = (status: number, error: string): Answer => ({ status, body: { error } });
const hidden = refusal(403, 'Not a participant in this conversation');

/** Listens on loopback; answers its port. */
export async function serveChat(store: ChatStore, tokens: TokenVerifier): Promise<number> {
  const http = createServer((request, response) => void respond(request, response));
  const io = new Server(http, { transports: ['websocket', 'polling'] });

  const post = async (conversation: string, user: string, body: unknown): Promise<MessageRow | Answer> => {
    const { content, metadata = {} } = (body ?? {}) as { content?: unknown; metadata?: object };
    if (typeof content !== 'string' || content === '') return refusal(400, 'Message content is required');
    const row = await store.insert(conversation, user, content, metadata);
    if (row === null) return hidden;
    io.to(conversation).emit('message:new', row);
    return row;
  };

  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const user = await tokens.userOf(request.headers.authorization?.replace(/^bearer /i, '') ?? '');
    if (user === null) return refusal(401, 'Authentication required');
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'POST' && url.pathname === '/api/conversations') return create(request, user);
    const conversation = messagesPath.exec(url.pathname)?.[1];
    if (conversation === undefined || !uuid.test(conversation)) return refusal(404, 'Not found');
    if (request.method === 'POST') {
      const made = await post(conversation, user, await readJson(request));
      return 'status' in made ? made : { status: 201, body: made };
    }
    if (request.method !== 'GET') return refusal(405, 'Method not allowed');
    const rows = await store.read(conversation, user, {
      limit: Math.min(pageMax, Number(url.searchParams.get('limit') ?? 50) || 50),
      after: Number(url.searchParams.get('after') ?? 0) || 0,
      isDescending: url.searchParams.get('order') === 'desc',
    });
    return rows === null ? hidden : { status: 200, body: rows };
  };

  const create = async (request: IncomingMessage, user: string): Promise<Answer> => {
    const { name, participants } = (await readJson(request)) as {
      name: string;
      participants: readonly { userId: string }[];
    };
    const users = [user, ...participants.map(({ userId }) => userId)];
    return { status: 201, body: { id: await store.createConversation(name, users) } };
  };

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, body } = await answerTo(request).catch((error: unknown) => {
      console.error(error);
      return refusal(500, 'Internal error');
    });
    const text = JSON.stringify(body);
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  };

  io.use(async (socket, next) => {
    const user = await tokens.userOf(String(socket.handshake.auth['token'] ?? ''));
    if (user === null) return next(new Error('Authentication required'));
    socket.data['user'] = user;
    next();
  });
  io.on('connection', (socket: Socket) => {
    const user = String(socket.data['user']);
    socket.on('join:conversation', async (conversation: string, ack: Ack) => {
      const isIn = uuid.test(conversation) && (await store.isParticipant(conversation, user));
      if (isIn) await socket.join(conversation);
      ack(isIn ? { success: true } : { success: false, ...(hidden.body as object) });
    });
    socket.on('message:send', async (body: { conversationId: string }, ack: Ack) => {
      const made = await post(body.conversationId, user, body).catch((error: unknown) => {
        console.error(error);
        return refusal(500, 'Internal error');
      });
      ack('status' in made ? { success: false, ...(made.body as object) } : { success: true, message: made });
    });
  });

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return (http.address() as { port: number }).port;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > bodyBytesMax) throw new Error('a body is too large');
    chunks.push(chunk as Buffer);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

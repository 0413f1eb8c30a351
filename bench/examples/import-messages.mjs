/**
 * Brings messages of another system along: JSON Lines on stdin, oldest first.
 *
 *   node bench/examples/import-messages.mjs http://127.0.0.1:3000 <API key of a service> < messages.jsonl
 *
 * A line: {"conversation","author","text","id"} and, if there are, "at", "name" (of the conversation) and
 * "participants". `author` and `participants` are ids of principals here. May be run again: what is there is not
 * added twice. Times are those of the import; `metadata.imported` keeps the old ones.
 */
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';

const [url, key] = process.argv.slice(2);
const known = new Map();

/** The same UUID for the same text, each time. */
function uuidOf(text) {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Asks as `author`, or as the service itself; again where the node says that it is too much for the moment. */
async function ask(method, path, body, author) {
  const headers = { 'x-api-key': key, 'content-type': 'application/json' };
  if (method === 'GET') headers['x-service-id'] = 'import'; // that search asks for one; what is made belongs to none
  if (author !== undefined) headers['x-as-user-id'] = author;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (answer.ok) return await answer.json();
    if (attempt === 20 || ![429, 503].includes(answer.status))
      throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    await new Promise((resolve) =>
      setTimeout(resolve, 1000 * Number(answer.headers.get('retry-after') ?? 1)),
    );
  }
}

/** The conversation that stands for one of the other system: found by its metadata, else made. */
async function conversationOf({ conversation, name, author, participants = [] }) {
  const place = new URLSearchParams({ channelType: 'import', connectionId: 'old', chatId: conversation });
  const { conversationId } = await ask('GET', `/api/internal/conversations/by-channel?${place}`);
  if (conversationId !== null) return conversationId;
  const made = await ask('POST', '/api/conversations', {
    type: 'group',
    name: name ?? conversation,
    metadata: { channel: { type: 'import', connectionId: 'old', chatId: conversation } },
    participants: [...new Set([author, ...participants])].map((userId) => ({ userId })),
  });
  return made.id;
}

let count = 0;
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === '') continue;
  const message = JSON.parse(line);
  const { conversation, author, text, id, at = null } = message;
  if (!known.has(conversation)) known.set(conversation, await conversationOf(message));
  const path = `/api/conversations/${known.get(conversation)}/messages`;
  const metadata = { imported: { id, at } };
  await ask('POST', path, { id: uuidOf(`${conversation} ${id}`), content: text, metadata }, author);
  count += 1;
}
for (const [old, now] of known) console.log(`${old} is ${now}`);
console.log(`${count} messages are here`);

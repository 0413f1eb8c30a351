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
if (key === undefined) {
  console.error('import-messages.mjs <URL of a node> <API key of a service> < messages.jsonl');
  process.exit(2);
}
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
      throw Object.assign(new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`), {
        status: answer.status,
      });
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

/** Posts as `author`, who is taken in where it has not taken part before. */
async function post(conversation, body, author) {
  const path = `/api/conversations/${conversation}`;
  try {
    await ask('POST', `${path}/messages`, body, author);
  } catch (error) {
    if (error.status !== 403) throw error;
    await ask('POST', `${path}/participants`, { userId: author }).catch((refusal) => {
      if (![403, 404].includes(refusal.status)) throw refusal;
      throw new Error(`${author} is not in ${conversation}, which was made with another key: use that one`);
    });
    await ask('POST', `${path}/messages`, body, author);
  }
}

let count = 0;
let lineNumber = 0;
try {
  for await (const line of createInterface({ input: process.stdin })) {
    lineNumber += 1;
    if (line.trim() === '') continue;
    const message = JSON.parse(line);
    const { conversation, author, text, id, at = null } = message;
    if (!known.has(conversation)) known.set(conversation, await conversationOf(message));
    const metadata = { imported: { id, at } };
    await post(
      known.get(conversation),
      { id: uuidOf(`${conversation} ${id}`), content: text, metadata },
      author,
    );
    count += 1;
  }
} catch (error) {
  console.error(`line ${lineNumber}: ${error.message}`);
  console.error(`${count} messages before it are here; begin again with the same key when it is mended`);
  process.exit(1);
}
for (const [old, now] of known) console.log(`${old} is ${now}`);
console.log(`${count} messages are here`);

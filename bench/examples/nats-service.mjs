/**
 * A service that speaks NATS and nothing else: follows every conversation of its tenant, makes one, posts to it.
 *
 *   node bench/examples/nats-service.mjs nats://127.0.0.1:4222 <tenant> <own id> <API key>
 *
 * Outside of this repository: npm install @nats-io/transport-node
 */
import { connect } from '@nats-io/transport-node';

const [servers, tenant, id, token] = process.argv.slice(2);

// The API key is the token; the inbox must be one's own, else nothing is answered.
const nats = await connect({ servers, token, inboxPrefix: `_INBOX_${id}` });

// Every committed event, as JSON. `live.${tenant}.*.*.control` would be control events only.
const events = nats.subscribe(`live.${tenant}.>`, { max: 2 });

/** A verb of the native protocol: same fields, same replies as on the socket. */
async function ask(verb, fields) {
  const answer = await nats.request(`api.${tenant}.${id}.${verb}`, JSON.stringify(fields), {
    timeout: 5_000,
  });
  const reply = answer.json();
  if (!reply.ok) throw new Error(`${verb}: ${reply.problem.code}, ${reply.problem.message}`);
  return reply;
}

const { conversation } = await ask('create', { type: 'group', name: 'from NATS' });
await ask('post', {
  conversation: conversation.id,
  content: 'hello from NATS',
  client_id: crypto.randomUUID(),
});

for await (const message of events) {
  const { position, type, actor, data } = message.json();
  console.log(position, type, actor.id, data.content ?? data.name);
}
await nats.drain();

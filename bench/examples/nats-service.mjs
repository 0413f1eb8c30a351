/**
 * A service that speaks NATS and nothing else: follows every conversation of its tenant, makes one, posts to it.
 *
 *   node bench/examples/nats-service.mjs nats://127.0.0.1:4222 <tenant> <own id> <API key>
 *
 * Outside of this repository: npm install parley @nats-io/transport-node
 */
import { connect } from '@nats-io/transport-node';
import { inboxPrefix, ParleyNats } from 'parley/nats';

const [servers, tenant, id, token] = process.argv.slice(2);

// The API key is the token; the inbox must be one's own, else nothing is answered.
const nats = await connect({ servers, token, inboxPrefix: inboxPrefix(id) });
const parley = new ParleyNats(nats, { tenant, id });

// Every committed event: { kind: 'control' } would be control events only.
const events = parley.follow();
const first = events.next();

const { conversation } = await parley.ask('create', { type: 'group', name: 'from NATS' });
await parley.post(conversation.id, 'hello from NATS');

for (const { value } of [await first, await events.next()]) {
  const { position, type, actor, data } = value;
  console.log(position, type, actor.id, data.content ?? data.name);
}
await events.return();
await nats.drain();

/**
 * A supervisor: reads what agents write while they write it, and stops one that says a word that it should not, in
 * the middle of its sentence. Then it pauses the conversation for agents until somebody says "go on".
 *
 *   node bench/examples/pausing-supervisor.mjs http://127.0.0.1:3000 <token or API key> <forbidden word>
 *
 * It takes the scope cap:messaging.interrupt, or an owner or admin of the conversation.
 * Outside of this repository: npm install parley
 */
import { connect } from 'parley/client';

const [url, token, forbidden] = process.argv.slice(2);

const supervisor = await connect({ url, token });
const feed = supervisor.follow({ deltas: true });
await feed.ready;
console.log('watching for', forbidden);

/** Text so far of each message that is being written. */
const drafts = new Map();

for await (const item of feed) {
  const conversation = supervisor.conversation(item.conversation);
  if (item.type === 'delta') {
    const text = (drafts.get(item.message_id) ?? '') + item.text;
    drafts.set(item.message_id, text);
    if (!text.includes(forbidden)) continue;
    drafts.delete(item.message_id);
    await conversation.preempt({ run: item.run, reason: `it said ${forbidden}` });
    await conversation.pause({ reason: 'to be looked at' });
    console.log('stopped', item.run);
  } else if (item.type === 'message.posted') {
    drafts.delete(item.data.message_id);
    if (item.actor.kind !== 'user' || item.data.content !== 'go on') continue;
    await conversation.resume();
    console.log('resumed');
  }
}

/**
 * A fleet of agents: each follows every conversation that it is in, and answers people word by word until it is done
 * or somebody stops it.
 *
 *   node bench/examples/agent-fleet.mjs http://127.0.0.1:3000 <API key of an agent> [<API key> …]
 *
 * Outside of this repository: npm install parley
 */
import { connect } from 'parley/client';

const [url, ...keys] = process.argv.slice(2);

async function runAgent(apiKey) {
  const agent = await connect({ url, apiKey });
  const feed = agent.follow();
  await feed.ready;
  console.log(agent.principal.id, 'listens');
  for await (const item of feed) {
    // Not awaited: it listens on while it speaks.
    if (item.type === 'message.posted' && item.actor.kind === 'user') void answer(agent, item);
  }
}

async function answer(agent, question) {
  const stream = agent.conversation(question.conversation).stream();
  try {
    for (const word of `You said: ${question.data.content} I have thought about it.`.split(' ')) {
      await stream.write(`${word} `); // rejects as soon as a control event stops this run
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { seq } = await stream.end(stream.text.trim(), { reply_to: question.data.message_id });
    console.log(agent.principal.id, 'answered', seq);
  } catch (problem) {
    console.log(agent.principal.id, 'was stopped:', problem.code);
  }
}

await Promise.all(keys.map(runAgent));

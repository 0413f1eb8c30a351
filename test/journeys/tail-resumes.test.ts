/** `parley tail` over a node that is killed under posts and comes back: no gap, no repetition. */
import t from 'tap';
import { connect, type Event } from '../../src/client/node.ts';
import { signUp } from '../kit/clients/accounts.ts';
import { runParley, startParley } from '../kit/processes/parley-process.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNodeProcess } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';
import { quietPort, temporaryDir } from '../kit/temporary.ts';

t.setTimeout(120_000);

t.test('tail resumes behind what it has shown, of one conversation and of all', async (t) => {
  const servers = { nats: await startNats(t), database: await startPostgres(t) };
  const dir = await temporaryDir('tail');
  t.teardown(dir.remove);
  const start = () => startNodeProcess({ ...servers, env: { PORT: port } }, t);
  const port = String(await quietPort());
  const node = await start();
  const account = await signUp(node);
  const speaker = { DATA_DIR: dir.path, PARLEY_URL: node.url, PARLEY_TOKEN: account.token };

  const created = await runParley(['send', '--json', 'one'], speaker);
  const { conversation } = JSON.parse(created.stdout);
  const named = ['--conversation', conversation];
  const one = startParley(t, ['tail', '--json', ...named, '--after', '0'], speaker);
  const all = startParley(t, ['tail', '--json'], speaker);
  await one.says(/"content":"one"/);
  await all.says(/following every conversation/);
  await runParley(['send', ...named, 'two'], speaker);
  for (const tail of [one, all]) await tail.says(/"content":"two"/);

  const client = await connect({ url: node.url, token: account.token });
  t.teardown(() => client.close());
  const ongoing = upTo(50).map((n) => client.conversation(conversation).post(`ongoing ${n}`));
  await Promise.race(ongoing);
  await node.kill();
  for (const tail of [one, all]) await tail.says(/connecting again/);
  await start();
  await Promise.all(ongoing);
  const elsewhere = JSON.parse((await runParley(['send', '--json', 'elsewhere'], speaker)).stdout);
  await runParley(['send', ...named, 'three'], speaker);
  for (const tail of [one, all]) await tail.says(/"content":"three"/);
  await all.says(/"content":"elsewhere"/);
  const positions = (text: string, id: string): number[] =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Event)
      .filter((event) => event.conversation === id)
      .map(({ position }) => position);
  t.same(positions(one.printed(), conversation), upTo(54));
  t.same(positions(all.printed(), conversation), upTo(54).slice(2));
  t.same(positions(all.printed(), elsewhere.conversation), [1, 2], 'of one that was made since');
});

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

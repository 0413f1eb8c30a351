/** `parley tail` over a node that is killed and comes back: no gap, no repetition. */
import t from 'tap';
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

  await node.kill();
  for (const tail of [one, all]) await tail.says(/connecting again/);
  await start();
  await runParley(['send', ...named, 'three'], speaker);
  for (const tail of [one, all]) await tail.says(/"content":"three"/);
  const positions = (text: string): number[] =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).position);
  t.same(positions(one.printed()), [1, 2, 3, 4]);
  t.same(positions(all.printed()), [3, 4]);
});

/** The examples of the client, run as they stand in bench/examples/ against a node of ours. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { connect, type Event } from '../../src/client/node.ts';
import { makeAgent, makeService, signUp } from '../kit/clients/accounts.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';
import { repository } from '../kit/temporary.ts';

t.setTimeout(120_000);

const nats = await startNats(t);
const env = { NATS_CREDS: nats.credsFile };
const node = await startNode({ nats, database: await startPostgres(t), env }, t);
const ada = await signUp(node, 'ada');

/** Starts an example; the function answers what it has said so far. */
function run(t: Test, name: string, args: readonly string[]): () => string {
  const child = spawn(process.execPath, [join(repository, 'bench/examples', name), ...args], {
    cwd: repository,
  });
  t.teardown(() => child.kill());
  let said = '';
  child.stdout.on('data', (bytes) => (said += String(bytes)));
  child.stderr.on('data', (bytes) => (said += String(bytes)));
  return () => said;
}

t.test('a fleet answers, and a supervisor stops who says what it should not', async (t) => {
  const robot = await makeAgent(node, ada);
  const fleet = run(t, 'agent-fleet.mjs', [node.url, robot.token]);
  const supervisor = run(t, 'pausing-supervisor.mjs', [node.url, ada.token, 'treasure']);
  await until(() => /listens/.test(fleet()) && /watching/.test(supervisor()), 30_000);

  const client = await connect({ url: node.url, token: ada.token });
  t.teardown(() => client.close());
  const participants = [{ id: robot.id, kind: 'agent' as const }];
  const conversation = await client.conversations.create({ type: 'group', participants });
  const events: Event[] = [];
  void (async () => {
    for await (const item of conversation.events({ after: 0 })) if (item.type !== 'reset') events.push(item);
  })();
  const said = (content: string) => () =>
    events.some(
      (item) => item.type === 'message.posted' && item.actor.id === robot.id && item.data.content === content,
    );

  await conversation.post('hello.');
  await until(said('You said: hello. I have thought about it.'));
  await conversation.post('Where is the treasure?');
  await until(() => /stopped/.test(supervisor()) && /was stopped: run_preempted/.test(fleet()));
  await until(() => events.some((item) => item.type === 'control' && item.data.event === 'stream.pause'));
  const cut = events.find((item) => item.type === 'message.posted' && item.data.interrupted === true);
  t.match(cut, { actor: { id: robot.id }, data: { content: /^You said: Where is the treasure\?/ } });
  await conversation.post('go on');
  await until(() => /resumed/.test(supervisor()));
});

t.test('a service on NATS makes a conversation, posts and hears both', async (t) => {
  const service = await makeService(node, ada);
  const said = run(t, 'nats-service.mjs', [nats.url, ada.tenant, service.id, service.token]);
  await until(() => /hello from NATS|Error/.test(said()), 30_000);
  t.equal(
    said(),
    `1 conversation.created ${service.id} from NATS\n2 message.posted ${service.id} hello from NATS\n`,
  );
});

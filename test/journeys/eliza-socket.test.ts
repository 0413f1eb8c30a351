/** The sample of ElizaOS's documents, as it stands there, against a node like the one of `parley dev`. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import t from 'tap';
import { elizaClient } from '../kit/clients/eliza-client.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);
const servers = { nats: await startNats(t), database: await startPostgres(t) };
const node = await startNode({ ...servers, isForOneMachine: true }, t);
/** The first agent of its tenant: its id follows from its name, `Eliza`. */
const agentId = 'b850bc30-45f8-0041-a00a-83df46d8555d';

/** Only the address is another. */
const sample = `import { io } from 'socket.io-client';

const socket = io('http://localhost:3000', {
  auth: { token: 'your-api-key' },
});

socket.emit('join', { roomId, agentId });

socket.on('messageBroadcast', (data) => {
  console.log(\`\${data.sender}: \${data.content.text}\`);
});

socket.on('messageComplete', (data) => {
  console.log('Agent done:', data.content.text);
});
`;

t.test('the sample prints what is said, and that the agent is done', async (t) => {
  const roomId = randomUUID();
  // Below package.json, so that it finds the library.
  const path = `.local/eliza-sample-${process.pid}.mjs`;
  await writeFile(
    path,
    `const [roomId, agentId] = process.argv.slice(2);\n${sample.replace('http://localhost:3000', node.url)}
socket.once('room_joined', () => console.log('joined'));\n`,
  );
  t.teardown(() => rm(path));
  const client = spawn(process.execPath, [path, roomId, agentId]);
  t.teardown(() => client.kill());
  let printed = '';
  client.stdout.on('data', (bytes) => (printed += String(bytes)));
  client.stderr.on('data', (bytes) => (printed += String(bytes)));
  await until(() => /joined|Error/.test(printed), 30_000);
  const page = await elizaClient(t, node, { entityId: randomUUID() });
  page.emit('join', { roomId, agentId });
  page.emit('message', { text: 'Hello Eliza', roomId, userId: randomUUID(), name: 'Ada' });
  await until(() => /Agent done: \S/.test(printed), 30_000);
  t.match(printed, /^joined\nAda: Hello Eliza\nEliza: \S[^\n]*\nAgent done: \S/);
  t.notMatch(printed, /undefined/);
});

t.test('other words than those of the sample are no key', async (t) => {
  await t.rejects(elizaClient(t, node, { token: 'another-key' }), { message: 'Authentication required' });
  await t.rejects(elizaClient(t, node, { entityId: randomUUID(), token: 'another-key' }), {
    message: 'Invalid or missing API Key',
  });
});

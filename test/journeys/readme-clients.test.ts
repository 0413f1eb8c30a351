/** The client code of the README, run as it stands there against a node of ours. */
import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import t from 'tap';
import { signUp } from '../kit/clients/accounts.ts';
import { group } from '../kit/clients/symbia-client.ts';
import { until } from '../kit/log-entries.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNodeProcess } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

const node = await startNodeProcess({ nats: await startNats(t), database: await startPostgres(t) }, t);

/** The block of JavaScript in README.md that says `words`. */
async function blockWith(words: string): Promise<string> {
  const blocks = (await readFile('README.md', 'utf8')).matchAll(/```js\n([\s\S]*?)```/g);
  const found = [...blocks].map((match) => match[1] ?? '').filter((block) => block.includes(words));
  if (found.length !== 1) throw new Error(`${found.length} blocks of README.md say ${words}`);
  return found[0] ?? '';
}

t.test('a Symbia client posts, hears itself and pauses the conversation', async (t) => {
  const ada = await signUp(node, 'ada');
  const conversation = await group(node, ada);
  const code = (await blockWith('socket.io-client')).replace('http://127.0.0.1:3000', node.url);
  // Below package.json, so that it finds the library.
  const path = `.local/readme-client-${process.pid}.mjs`;
  await writeFile(path, `const [token, conversation] = process.argv.slice(2);\n${code}`);
  t.teardown(() => rm(path));
  const client = spawn(process.execPath, [path, ada.token, conversation]);
  t.teardown(() => client.kill());
  let said = '';
  client.stdout.on('data', (bytes) => (said += String(bytes)));
  client.stderr.on('data', (bytes) => (said += String(bytes)));
  await until(() => /paused at|Error/.test(said), 30_000);
  t.match(said, /^1 hello\npaused at \d{4}-\d\d-\d\dT/);
});

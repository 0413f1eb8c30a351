import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { checkDataDir, checkPort, diskFinding } from '../../../../src/cli/upkeep/doctor/runtime-findings.ts';
import { temporaryDir } from '../../../kit/temporary.ts';

t.test('a disk that is nearly full is warned of, and fails before it is', async (t) => {
  t.match(diskFinding(50e9, 100e9), { status: 'ok', found: '50.0 GB of 100 GB are free' });
  t.match(diskFinding(6e9, 100e9), { status: 'warn' }, 'less than a tenth');
  t.match(diskFinding(3e9, 10e9), { status: 'warn' }, 'too little for a day');
  t.match(diskFinding(100e6, 10e9), { status: 'fail', remedy: /make room/ });
});

t.test('a directory that is not there yet has a disk as well', async (t) => {
  const dir = await temporaryDir('doctor');
  t.teardown(dir.remove);
  t.match(await checkDataDir(dir.path), [{ status: 'ok', found: dir.path }, { check: 'disk' }]);
  const later = join(dir.path, 'later', 'still');
  t.match(await checkDataDir(later), [{ found: /made at the first start/ }, { found: /free/ }]);
});

t.test('a port is free, a node of Parley has it, or somebody else', async (t) => {
  const answers = { body: JSON.stringify({ status: 'ready' }) };
  const server: Server = createServer((_request, response) => response.end(answers.body));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  t.match(await checkPort('127.0.0.1', port), { status: 'ok', found: /a node listens .*: ready$/ });
  answers.body = 'hello';
  t.match(await checkPort('127.0.0.1', port), { status: 'warn', found: /is taken/, remedy: /set PORT/ });
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  t.match(await checkPort('127.0.0.1', port), { status: 'ok', found: /is free/ });
  t.match(await checkPort('127.0.0.1', 0), { status: 'ok' });
});

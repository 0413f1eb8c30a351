import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openNatsServer } from '../../../../src/adapters/embedded/nats-server.ts';
import { serverVariables } from '../../../../src/adapters/jetstream/door/nats-credentials.ts';
import { quietLogger } from '../../../../src/cli/quiet-logger.ts';
import {
  durabilityFinding,
  durabilityOf,
  readSettings,
} from '../../../../src/cli/upkeep/doctor/durability-finding.ts';
import { startNats, testNatsBinary } from '../../../kit/servers/nats.ts';
import { makeTestCredentials } from '../../../kit/servers/nats-credentials.ts';
import { repository, temporaryDir } from '../../../kit/temporary.ts';

t.test('one replica that is synced now and then is advised against, synced always it is not', async (t) => {
  const found = async (sync: string | undefined, replicas: number | null) => {
    const { url, credsFile } = await startNats(t, sync);
    return durabilityOf(await readSettings({ url, credsFile, log: quietLogger }), replicas);
  };
  t.match(await found(undefined, 1), {
    status: 'warn',
    found: 'R1, synced every 2m: a power failure may lose up to 2m of acknowledged events',
    remedy: /PARLEY_NATS_SYNC.*R3/,
  });
  t.match(await found('90s', null), { status: 'warn', found: /^R1, synced every 90s: / });
  t.match(await found('always', 1), { status: 'ok', found: /before each acknowledgement.*loses nothing/ });
});

t.test('what the servers do not tell is not guessed', async (t) => {
  const { url, credsFile } = await startNats(t);
  const unknown = { status: 'warn', found: /^R3; .* cannot be told/ };
  const found = async (at: string, creds: string | undefined) =>
    durabilityOf(await readSettings({ url: at, credsFile: creds, log: quietLogger }), 3);
  t.match(await found(url, undefined), unknown);
  const older = await startOlderNats(t);
  t.match(await found(older.url, credsFile), {
    ...unknown,
    remedy: /nats-server.conf of this version/,
  });
});

t.test('three replicas hold what one machine loses, and the slowest of the servers counts', (t) => {
  const always = { server: 'a', intervalMs: null };
  const often = { server: 'b', intervalMs: 500 };
  const rarely = { server: 'c', intervalMs: 120_000 };
  t.match(durabilityFinding(3, [always, rarely, often]), {
    status: 'ok',
    found: /^R3, synced every 2m: .*one machine loses nothing.*most of them at once up to 2m$/,
  });
  t.match(durabilityFinding(3, [always, often]), { found: /every 500ms/ });
  t.match(durabilityFinding(3, [always, always]), { status: 'ok', found: /loses nothing$/ });
  t.match(durabilityFinding(1, [always, often]), { status: 'warn' });
  t.end();
});

/** A server whose configuration does not let `sys` ask. */
async function startOlderNats(t: Test) {
  const dir = await temporaryDir('older-nats');
  const configPath = join(dir.path, 'nats-server.conf');
  const present = await readFile(join(repository, 'nats-server.conf'), 'utf8');
  await writeFile(configPath, present.replace(/.*PING\.JSZ.*\n/, ''));
  const variables = serverVariables(makeTestCredentials().credentials);
  const server = await openNatsServer({
    binary: await testNatsBinary(),
    configPath,
    dataDir: dir.path,
    variables,
    port: 0,
  });
  t.teardown(async () => {
    await server.close();
    await dir.remove();
  });
  return server;
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { openHttpRequests } from '../../../src/adapters/outbound-http/http-requests.ts';
import {
  hasPrivateHost,
  isPublicAddress,
  openPublicLookup,
  PrivateAddress,
} from '../../../src/adapters/outbound-http/public-addresses.ts';
import { until } from '../../kit/log-entries.ts';
import { type NameAnswer, startNameServer } from '../../kit/outside/name-server.ts';

t.test('addresses of this machine, of private networks and of metadata services are not public', (t) => {
  for (const inside of [
    ...['127.0.0.1', '127.255.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '0.0.0.0'],
    ...['100.64.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '::1', '::', 'fe80::1', 'fd00::1'],
    ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '64:ff9b::a00:1', '2002:7f00:1::', '2001::1', 'ff02::1'],
    ...['localhost', '', '1.2.3', 'fec0::1', '2001:db8::1'],
  ])
    t.equal(isPublicAddress(inside), false, inside);
  for (const outside of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])
    t.equal(isPublicAddress(outside), true, outside);
  t.end();
});

t.test('an address is recognized however a URL spells it', (t) => {
  for (const host of [
    ...[
      '2130706433',
      '0x7f.1',
      '0177.0.0.1',
      '127.1',
      '0',
      '127.0.0.1.',
      '0xA9FEA9FE',
      '１２７.0.0.1',
      '%31%30.0.0.1',
    ],
    ...['[::ffff:7f00:1]', '[::ffff:127.0.0.1]', '[::]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '[fe80::1]'],
    // Names that mean this machine to everybody (RFC 6761).
    ...['localhost', 'LOCALHOST.', 'a.localhost'],
  ])
    t.equal(hasPrivateHost(`http://${host}:8080/`), true, host);
  for (const host of ['8.8.8.8', '[2606:4700::1111]', 'localhost.example.org', 'inside.example.org'])
    t.equal(hasPrivateHost(`http://${host}/`), false, host);
  t.end();
});

t.test('no request leads to the inside, by address or by name, and none arrives', async (t) => {
  let arrived = 0;
  const server = createServer((_request, response) => {
    arrived += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const names = await startNameServer(t, () => ['127.0.0.1']);
  const rules = { isPublicOnly: true, timeoutMs: 25_000, nameServers: [names.address] };
  const http = openHttpRequests(rules);
  t.teardown(() => http.close());
  const post = { method: 'POST' as const, headers: {}, body: '{}' };
  for (const host of ['inside.example.org', 'localhost', '127.0.0.1', '[::1]', '0.0.0.0'])
    t.equal(await http.send({ ...post, url: `http://${host}:${port}/` }), 'private_address', host);
  t.equal(arrived, 0);
  const open = openHttpRequests({ timeoutMs: 25_000 });
  t.teardown(() => open.close());
  t.match(await open.send({ ...post, url: `http://localhost:${port}/` }), { status: 200 });
});

t.test('a name leads where all of its addresses are public at that moment', async (t) => {
  const known: Record<string, NameAnswer> = {
    ...{
      'both.test': ['8.8.8.8', '2606:4700::1111'],
      'four.test': ['8.8.4.4'],
      'six.test': ['2606:4700::64'],
    },
    ...{ 'mixed.test': ['8.8.8.8', '10.0.0.1'], 'mixed6.test': ['8.8.8.8', 'fd00::1'] },
    ...{ 'mapped.test': ['2002:7f00::1'], 'turned.test': ['8.8.8.8'] },
  };
  const names = await startNameServer(t, (name) => known[name] ?? []);
  const { lookup, close } = openPublicLookup([names.address]);
  t.teardown(close);
  const found = (name: string, all = true): Promise<unknown> =>
    new Promise((resolve) => lookup(name, { all }, (error, address) => resolve(error ?? address)));
  t.same(await found('both.test'), [
    { address: '2606:4700::1111', family: 6 },
    { address: '8.8.8.8', family: 4 },
  ]);
  t.equal(await found('four.test', false), '8.8.4.4');
  t.equal(await found('six.test', false), '2606:4700::64');
  t.match(await found('nobody.test'), { code: 'ENOTFOUND' });
  for (const name of ['mixed.test', 'mixed6.test', 'mapped.test'])
    t.ok((await found(name)) instanceof PrivateAddress, name);
  t.equal(await found('turned.test', false), '8.8.8.8');
  known['turned.test'] = ['127.0.0.1'];
  t.ok(
    (await found('turned.test')) instanceof PrivateAddress,
    'what it led to a moment ago is not remembered',
  );
});

t.test('names that nobody answers hold up no other', async (t) => {
  const names = await startNameServer(t, (name) => (name.startsWith('well') ? ['8.8.8.8'] : 'silent'));
  const { lookup, close } = openPublicLookup([names.address]);
  let ended = 0;
  const silent = Array.from(
    { length: 32 },
    (_, at) =>
      new Promise<unknown>((resolve) =>
        lookup(`silent${at}.test`, { all: true }, (error) => {
          ended += 1;
          resolve(error);
        }),
      ),
  );
  await until(() => names.asked.length >= 64);
  await new Promise<void>((resolve, reject) =>
    lookup('well.test', { all: true }, (error) => (error === null ? resolve() : reject(error))),
  );
  t.equal(ended, 0);
  close();
  for (const error of await Promise.all(silent)) t.match(error, { code: 'ECANCELLED' });
});

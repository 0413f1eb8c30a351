import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { openHttpRequests } from '../../../src/adapters/outbound-http/http-requests.ts';
import { hasPrivateHost, isPublicAddress } from '../../../src/adapters/outbound-http/public-addresses.ts';

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
  for (const url of ['http://2130706433/', 'http://0x7f.1/', 'http://0177.0.0.1/', 'http://[::ffff:7f00:1]/'])
    t.equal(hasPrivateHost(url), true, url);
  t.equal(hasPrivateHost('http://8.8.8.8/'), false);
  t.equal(hasPrivateHost('http://localhost/'), false, 'a name is looked up first');
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
  const http = openHttpRequests({ isPublicOnly: true, timeoutMs: 5_000 });
  t.teardown(() => http.close());
  const post = { method: 'POST' as const, headers: {}, body: '{}' };
  for (const host of ['localhost', '127.0.0.1', '[::1]', '0.0.0.0'])
    t.equal(await http.send({ ...post, url: `http://${host}:${port}/` }), 'private_address', host);
  t.equal(arrived, 0);
  const open = openHttpRequests({ timeoutMs: 5_000 });
  t.teardown(() => open.close());
  t.match(await open.send({ ...post, url: `http://localhost:${port}/` }), { status: 200 });
});

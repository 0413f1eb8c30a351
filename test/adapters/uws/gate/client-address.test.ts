import t from 'tap';
import {
  clientSide,
  compileTrustedProxies,
  wholeAddress,
} from '../../../../src/adapters/uws/gate/client-address.ts';

const proxies = compileTrustedProxies(['10.0.0.0/8', '192.0.2.1', 'fd00::/8']);
const nothing = { forwardedFor: '', forwardedProto: '', forwardedHost: '', host: 'Own.Example' };
const addressFor = (peer: string, forwardedFor: string): string =>
  clientSide(proxies, peer, false, { ...nothing, forwardedFor }).address;

t.test('who is no proxy says nothing about itself', async (t) => {
  t.same(
    clientSide(proxies, '203.0.113.9', false, {
      forwardedFor: '198.51.100.1',
      forwardedProto: 'https',
      forwardedHost: 'evil.example',
      host: 'Own.Example',
    }),
    { address: '203.0.113.9', isSecure: false, host: 'own.example' },
  );
  t.equal(
    clientSide(compileTrustedProxies([]), '10.1.1.1', false, { ...nothing, forwardedFor: '1.1.1.1' }).address,
    '10.1.1.1',
  );
});

t.test('behind proxies the right-most address that is none of them counts', async (t) => {
  t.equal(addressFor('10.1.1.1', ''), '10.1.1.1', 'a proxy itself asks (a health check)');
  t.equal(addressFor('10.1.1.1', '203.0.113.9'), '203.0.113.9');
  t.equal(
    addressFor('10.1.1.1', '1.2.3.4, 203.0.113.9, 10.2.2.2'),
    '203.0.113.9',
    'what the client wrote does not',
  );
  t.equal(addressFor('192.0.2.1', '10.9.9.9, 10.8.8.8'), '10.9.9.9', 'all trusted: the first of them');
  t.equal(
    addressFor('10.1.1.1', '203.0.113.9, unknown, 10.2.2.2'),
    '10.2.2.2',
    'nothing is believed beyond nonsense',
  );
  t.equal(addressFor('10.1.1.1', '203.0.113.9:4711'), '203.0.113.9');
  t.equal(addressFor('10.1.1.1', '"x", <script>'), '10.1.1.1');
  t.equal(
    addressFor('fd00:0000:0000:0000:0000:0000:0000:0001', '[2001:db8::9]:443'),
    wholeAddress('2001:db8::9'),
  );
});

t.test('scheme and host are what the proxy next to us says', async (t) => {
  const seen = clientSide(proxies, '10.1.1.1', false, {
    ...nothing,
    forwardedProto: 'http, https',
    forwardedHost: 'a.example, Api.Example:8443',
  });
  t.match(seen, { isSecure: true, host: 'api.example:8443' });
  t.match(clientSide(proxies, '10.1.1.1', true, { ...nothing, forwardedProto: 'http' }), { isSecure: false });
  t.match(clientSide(proxies, '10.1.1.1', true, nothing), { isSecure: true, host: 'own.example' });
});

t.test('an address has one spelling', async (t) => {
  const spellings = {
    '127.0.0.1': '127.0.0.1',
    '::1': '0000:0000:0000:0000:0000:0000:0000:0001',
    '2001:DB8::9:0': '2001:0db8:0000:0000:0000:0000:0009:0000',
    '::': '0000:0000:0000:0000:0000:0000:0000:0000',
    '::ffff:203.0.113.9': '203.0.113.9',
    '0000:0000:0000:0000:0000:ffff:cb00:7109': '203.0.113.9',
    'fe80::1%eth0': 'fe80:0000:0000:0000:0000:0000:0000:0001',
  };
  for (const [given, whole] of Object.entries(spellings)) t.equal(wholeAddress(given), whole, given);
});

t.test('what is no range is said at start', async (t) => {
  for (const entry of ['proxy.example', '10.0.0.0/33', '10.0.0.0/x', '/8', '::/129'])
    t.throws(() => compileTrustedProxies([entry]), { message: /is no address and no CIDR/ }, entry);
});

import t from 'tap';
import { checkCertificate } from '../../../../src/cli/upkeep/doctor/certificate-finding.ts';
import { makeCertificates } from '../../../kit/outside/certificates.ts';

const dayMs = 86_400_000;

t.test(
  'a certificate is told of while it counts, before it ends, and when its key is another one',
  async (t) => {
    const { server, client } = await makeCertificates(t);
    const files = { tlsCert: server.certFile, tlsKey: server.keyFile };
    t.strictSame(await checkCertificate({ tlsCert: null, tlsKey: null }, Date.now()), []);
    // They are made for a day or two.
    t.match(await checkCertificate(files, Date.now()), [{ status: 'warn', found: /ends in [01] days/ }]);
    t.match(await checkCertificate(files, Date.now() + 3 * dayMs), [
      { status: 'fail', found: /has ended on/ },
    ]);
    t.match(await checkCertificate(files, Date.now() - 3 * dayMs), [
      { status: 'fail', found: /counts only from/ },
    ]);
    t.match(await checkCertificate({ ...files, tlsKey: client.keyFile }, Date.now()), [
      { status: 'fail', found: 'PARLEY_TLS_KEY is not the key of PARLEY_TLS_CERT' },
    ]);
    t.match(await checkCertificate({ ...files, tlsCert: '/nowhere.pem' }, Date.now()), [
      { status: 'fail', remedy: /must be PEM files/ },
    ]);
  },
);

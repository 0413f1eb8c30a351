import t from 'tap';
import { readCredentials } from '../../src/contract/credentials.ts';

const names = ['token', 'symbia_session'];

t.test('what is shown is read, wherever it stands', async (t) => {
  t.same(readCredentials('Bearer a.b.c', '', '', names), { bearer: 'a.b.c', apiKey: null, cookie: null });
  t.same(readCredentials('bearer  x ', 'k', 'token=y', names), { bearer: 'x', apiKey: 'k', cookie: 'y' });
  t.same(readCredentials('', 'k', '', names), { bearer: null, apiKey: 'k', cookie: null });
});

t.test('an earlier cookie name hides a later one', async (t) => {
  const cookieOf = (header: string): unknown => readCredentials('', '', header, names)?.cookie;
  t.equal(cookieOf('symbia_session=s; token=t'), 't');
  t.equal(cookieOf('other=1;symbia_session="s"'), 's');
  t.equal(cookieOf('xtoken=1; token=a=b'), 'a=b');
});

t.test('what is no credential is none', async (t) => {
  for (const authorization of ['', 'Bearer', 'Bearer ', 'Basic abc', 'token']) {
    t.equal(readCredentials(authorization, '', 'other=1; =', names), null, authorization);
  }
});

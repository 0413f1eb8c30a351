/** What nobody means to send to /auth: answered in the shape of the dialect, and nothing is half-stored. */
import t, { type Test } from 'tap';
import { openPasswordHash } from '../../../src/adapters/argon2/password-hash.ts';
import { veroDialect } from '../../../src/dialects/vero/index.ts';
import type { PasswordHash } from '../../../src/ports/identity/password-hash.ts';
import { startFront } from '../../kit/clients/http-front.ts';
import { password, startIdentity } from '../../kit/identity.ts';

// biome-ignore lint/suspicious/noExplicitAny: whatever came over the wire
type Answer = { readonly status: number; readonly body: any; readonly headers: Headers };

async function start(t: Test, passwords?: PasswordHash) {
  const started = await startIdentity(t, { deps: passwords === undefined ? {} : { passwords } });
  const { identity } = started;
  const front = await startFront(t, [veroDialect({ identity, isSecure: false })], {
    authenticate: (credentials) => identity.authenticator.authenticate(credentials),
  });
  const send = async (line: string, body: string | Uint8Array | null, bearer?: string): Promise<Answer> => {
    const [method = '', path = ''] = line.split(' ');
    const authorization: Record<string, string> =
      bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` };
    const headers = { 'Content-Type': 'application/json', ...authorization };
    const response = await fetch(front.url + path, { method, headers, ...(body === null ? {} : { body }) });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text), headers: response.headers };
  };
  const post = (path: string, body: unknown, bearer?: string) =>
    send(`POST ${path}`, JSON.stringify(body), bearer);
  const signup = async (email: string): Promise<string> => {
    const { status, body } = await post('/auth/signup', { email, password });
    t.equal(status, 201);
    return body.access_token;
  };
  return { ...started, send, post, signup };
}

/** Every refusal has this shape, and says nothing of what is behind. */
function refused(t: Test, answer: Answer, status: number, code: string, what: string): void {
  t.equal(`${answer.status} ${answer.body.error?.code}`, `${status} ${code}`, what);
  t.type(answer.body.error?.message, 'string');
  t.type(answer.body.request_id, 'string');
  t.notMatch(JSON.stringify(answer.body), /postgres|select |argon2|at \w+ \(|\.ts:/i, what);
}

const statements = [
  "ada@example.org' or '1'='1",
  "'; drop table principals; --@x",
  'ada@example.org"',
  "ada@example.org\\'",
  'ada@example.org%00',
  '%',
  '*',
  '{"$ne":null}',
];

t.test('what looks like a statement is an address that nobody has', async (t) => {
  const { post, signup, sql } = await start(t);
  await signup('ada@example.org');
  for (const email of statements) {
    refused(t, await post('/auth/login', { email, password }), 401, 'invalid_credentials', email);
    const wrong = await post('/auth/login', { email: 'ada@example.org', password: email });
    refused(t, wrong, 401, 'invalid_credentials', email);
    await post('/auth/login', { email: 'ada@example.org', password });
    refused(t, await post('/auth/refresh', { refresh_token: email }), 401, 'invalid_refresh_token', email);
  }
  const [row] = await sql<{ there: number }[]>`select count(*)::int as there from principals`;
  t.equal(row?.there, 2, 'she and her agent');
});

t.test('an address that only looks like another one is another one', async (t) => {
  const { post, signup } = await start(t);
  await signup('ada@example.org');
  const alike = [
    'ad\u0430@example.org', // Cyrillic
    '\uff41da@example.org', // full width
    'ada@ex\u00e0mple.org',
    'a\u0064\u0301a@example.org',
  ];
  for (const email of alike) {
    refused(t, await post('/auth/login', { email, password }), 401, 'invalid_credentials', email);
    const made = await post('/auth/signup', { email, password: `${password} of another` });
    t.equal(made.status, 201, email);
    t.equal(made.body.user.email, email.toLowerCase());
  }
  for (const same of [' ada@example.org', 'ADA@EXAMPLE.ORG', 'ada@example.org\n']) {
    refused(t, await post('/auth/signup', { email: same, password }), 409, 'email_taken', same);
  }
});

t.test('passwords of any size are refused before they are hashed', async (t) => {
  let hashes = 0;
  const real = openPasswordHash();
  const counted = <A extends readonly unknown[], R>(work: (...args: A) => R) => {
    return (...args: A): R => {
      hashes += 1;
      return work(...args);
    };
  };
  const { post, signup } = await start(t, { hash: counted(real.hash), verify: counted(real.verify) });
  const bearer = await signup('ada@example.org');
  t.ok(hashes > 0, 'that of the account');
  hashes = 0;
  const megabyte = 'x'.repeat(1_048_576);
  const long = 'x'.repeat(200_000);
  for (const [size, status, code] of [
    [megabyte, 413, 'payload_too_large'],
    [long, 400, 'invalid_request'],
  ] as const) {
    const bodies: [string, object][] = [
      ['/auth/login', { email: 'ada@example.org', password: size }],
      ['/auth/login', { email: size, password }],
      ['/auth/signup', { email: 'b@example.org', password: size }],
      ['/auth/change-password', { current_password: size, new_password: password }],
      ['/auth/change-password', { current_password: password, new_password: size }],
    ];
    for (const [path, body] of bodies) refused(t, await post(path, body, bearer), status, code, path);
  }
  t.equal(hashes, 0);
});

t.test('a cursor that no list gave out is refused, whatever is in it', async (t) => {
  const { send, signup } = await start(t);
  const bearer = await signup('ada@example.org');
  const made = (text: string): string => btoa(encodeURIComponent(text));
  const cursors = [
    'x',
    '%25',
    made(''),
    made('5'),
    made('x y'),
    made('5 a\u0000b'),
    made('5 '),
    made('5 \u0000'),
  ];
  for (const list of ['users', 'agents', 'api-keys']) {
    for (const cursor of cursors) {
      const answer = await send(`GET /auth/${list}?cursor=${encodeURIComponent(cursor)}`, null, bearer);
      refused(t, answer, 400, 'invalid_request', `${list} ${cursor}`);
    }
    const known = await send(`GET /auth/${list}?cursor=${made('5 x')}`, null, bearer);
    t.equal(known.status, 200, 'one that was made as ours are');
  }
});

const values = [null, 5, 1.5e300, true, [], ['x'], {}, { a: 1 }, '\u0000', '', ' '] as const;

t.test('wrong types and malformed texts are 400 in every field of every body', async (t) => {
  const { send, signup } = await start(t);
  const bearer = await signup('ada@example.org');
  const bodies: [string, Record<string, unknown>][] = [
    ['POST /auth/signup', { email: 'b@example.org', password }],
    ['POST /auth/login', { email: 'ada@example.org', password }],
    ['POST /auth/refresh', { refresh_token: 'x' }],
    ['POST /auth/change-password', { current_password: password, new_password: 'another password' }],
    ['PATCH /auth/profile', { display_name: 'x', timezone: 'UTC' }],
    ['POST /auth/agents', { display_name: 'x' }],
    ['POST /auth/api-keys', { name: 'x' }],
  ];
  for (const [line, good] of bodies) {
    for (const field of Object.keys(good)) {
      for (const value of values) {
        const answer = await send(line, JSON.stringify({ ...good, [field]: value }), bearer);
        const what = `${line} ${field} ${JSON.stringify(value)}`;
        t.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status}`);
        t.type(answer.body.error?.code, 'string', what);
        if (typeof value !== 'string') refused(t, answer, 400, 'invalid_request', what);
      }
    }
    for (const text of ['', '[]', 'null', '"x"', '5', '{', '{"a":', `${'['.repeat(40)}${']'.repeat(40)}`]) {
      const answer = await send(line, text, bearer);
      t.equal(answer.status, 400, `${line} ${text}`);
      t.type(answer.body.error?.code, 'string');
    }
    const notUtf8 = Buffer.concat([Buffer.from('{"email":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    refused(t, await send(line, notUtf8, bearer), 400, 'invalid_encoding', line);
    const polluting = `{"__proto__":{"role":"owner","superAdmin":true},"constructor":{"prototype":{}}}`;
    t.equal((await send(line, polluting, bearer)).status, 400, line);
  }
  t.notOk('superAdmin' in {}, 'nothing was polluted');
});

t.test(
  'the eleventh try is told to wait, for an account that there is and for one that there is not',
  async (t) => {
    const { post, signup, clock } = await start(t);
    await signup('ada@example.org');
    const answers: Answer[][] = [];
    for (const spellings of [
      ['ada@example.org', ' ADA@example.org', 'Ada@Example.ORG '],
      ['nobody@example.org', ' NOBODY@example.org', 'Nobody@Example.ORG '],
    ]) {
      for (let n = 0; n < 10; n += 1) {
        const email = spellings[n % spellings.length];
        const wrong = await post('/auth/login', { email, password: 'wrong password' });
        refused(t, wrong, 401, 'invalid_credentials', `${email} ${n}`);
        t.equal(wrong.headers.get('www-authenticate'), 'Bearer');
      }
      const [email] = spellings;
      const locked = [
        await post('/auth/login', { email, password: 'wrong password' }),
        await post('/auth/login', { email, password }),
      ];
      for (const answer of locked) {
        refused(t, answer, 429, 'rate_limited', String(email));
        const seconds = Number(answer.headers.get('retry-after'));
        t.ok(Number.isInteger(seconds) && seconds > 880 && seconds <= 900, `${seconds} s`);
      }
      answers.push(locked);
    }
    const told = answers.map((locked) => locked.map(({ body }) => body.error));
    t.same(told[0], told[1], 'nothing tells them apart');
    clock.pass(901);
    t.equal((await post('/auth/login', { email: 'ada@example.org', password })).status, 200);
  },
);

t.test('more logins than wait their turn are told to come back, and the others go through', async (t) => {
  const { post, signup } = await start(t, openPasswordHash({ concurrencyMax: 1, queuedMax: 3 }));
  await signup('ada@example.org');
  const answers = await Promise.all(
    Array.from({ length: 30 }, () => post('/auth/login', { email: 'ada@example.org', password })),
  );
  const served = answers.filter(({ status }) => status === 200);
  const turnedAway = answers.filter(({ status }) => status !== 200);
  t.ok(served.length >= 4 && turnedAway.length > 0, `${served.length} served`);
  for (const answer of turnedAway) {
    refused(t, answer, 503, 'unavailable', 'overloaded');
    t.equal(answer.headers.get('retry-after'), '1');
  }
});

import { randomBytes } from 'node:crypto';
import t from 'tap';
import { secretFindings } from '../../../../src/cli/upkeep/doctor/secret-findings.ts';
import { readEnvironment } from '../../../../src/config/config.ts';

const strong = {
  NATS_URL: 'nats://nats:4222',
  DATABASE_URL: 'postgres://parley:8QmR2x0vTq1LsZ5nWc7yKd@db/parley',
  PARLEY_MASTER_KEY: randomBytes(32).toString('base64'),
  PARLEY_ADMIN_EMAIL: 'ann@example.org',
  PARLEY_ADMIN_PASSWORD: 'r4nd0m-Enough-For-This',
  PARLEY_PUBLIC_URL: 'https://chat.example.org',
};

const found = (env: Readonly<Record<string, string>>) => {
  const { config, errors } = readEnvironment({ ...strong, ...env }, 'serve');
  t.same(errors, []);
  return secretFindings(config);
};

t.test('strong secrets and settings of a deployment are found well', async (t) => {
  t.match(found({}), [
    { check: 'secrets', status: 'ok' },
    { check: 'settings', status: 'ok' },
  ]);
});

t.test(
  'what everybody tries is a failure, what is short or even a warning, and no secret is shown',
  async (t) => {
    const cases: [Record<string, string>, string, RegExp][] = [
      [{ PARLEY_ADMIN_PASSWORD: 'Change-Me' }, 'fail', /PARLEY_ADMIN_PASSWORD is one that everybody tries/],
      [{ PARLEY_ADMIN_PASSWORD: 'MADE-BY-SECRETS-SH' }, 'fail', /everybody tries/],
      [{ DATABASE_URL: 'postgres://parley:postgres@db/parley' }, 'fail', /the password in DATABASE_URL/],
      [{ NATS_URL: 'nats://core:p%40ssy@nats:4222' }, 'warn', /the password in NATS_URL has less than 12/],
      [{ SERVER_API_KEY: 'abababababababab' }, 'warn', /SERVER_API_KEY repeats itself/],
      [
        { PARLEY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') },
        'fail',
        /PARLEY_MASTER_KEY is not random/,
      ],
      [
        { PARLEY_MASTER_KEY: Buffer.from('the quick brown fox jumps over l').toString('hex') },
        'fail',
        /PARLEY_MASTER_KEY is a text/,
      ],
    ];
    for (const [env, status, words] of cases) {
      const [secrets] = found(env);
      t.match(secrets, { status, found: words, remedy: /secrets.sh/ });
      for (const value of Object.values(env))
        t.notOk(secrets?.found.includes(value), 'the secret itself is not told');
    }
  },
);

t.test('settings of one machine are warned of', async (t) => {
  const [, settings] = found({
    PARLEY_RATE_LIMIT: 'off',
    PARLEY_CORS_ORIGINS: '*',
    PARLEY_WEBHOOK_PRIVATE: 'on',
    PARLEY_PUBLIC_URL: 'http://chat.example.org',
  });
  t.match(settings, {
    status: 'warn',
    found: /RATE_LIMIT=off.*CORS_ORIGINS=\*.*WEBHOOK_PRIVATE=on.*PUBLIC_URL is http:/,
  });
  t.match(found({ PARLEY_PUBLIC_URL: '' })[1], { found: /PARLEY_PUBLIC_URL is not set/ });
});

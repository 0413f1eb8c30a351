import t from 'tap';
import { configTable, readEnvironment, shownConfig } from '../../src/config/config.ts';

t.test('an empty environment is a usable one', async (t) => {
  const dev = readEnvironment({}, 'dev');
  t.same(dev.errors, []);
  t.match(dev.config, {
    port: 3000,
    host: '127.0.0.1',
    dataDir: './.data',
    natsUrl: null,
    natsPort: 4222,
    databaseUrl: null,
    isRateLimited: true,
    corsOrigins: ['*'],
    partitions: 4,
    replicas: 1,
    deltaWindowMs: 20,
    jwtIssuer: null,
    logLevel: 'info',
    s3Endpoint: null,
  });
  const serve = readEnvironment({ PORT: '', HOST: '' }, 'serve');
  t.match(serve.config, { host: '0.0.0.0', port: 3000, corsOrigins: [] });
});

t.test('what is set is read', async (t) => {
  const env = {
    PORT: '0',
    HOST: '::1',
    NATS_URL: 'nats://a:4222, b:4222',
    DATABASE_URL: 'postgres://u:p@h/db',
    PARLEY_ADMIN_EMAIL: 'a@b',
    PARLEY_ADMIN_PASSWORD: 'long enough',
    PARLEY_RATE_LIMIT: 'off',
    PARLEY_PUBLIC_URL: 'https://chat.example/',
    PARLEY_CORS_ORIGINS: 'https://a.example, http://localhost:5173/',
    PARLEY_REPLICAS: '3',
    LOG_LEVEL: 'debug',
    PARLEY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
  const { config, errors, warnings } = readEnvironment(env, 'serve');
  t.same([errors, warnings], [[], []]);
  t.match(config, {
    port: 0,
    host: '::1',
    natsUrl: 'nats://a:4222,b:4222',
    databaseUrl: 'postgres://u:p@h/db',
    adminEmail: 'a@b',
    isRateLimited: false,
    publicUrl: 'https://chat.example',
    corsOrigins: ['https://a.example', 'http://localhost:5173'],
    replicas: 3,
    logLevel: 'debug',
  });
});

t.test('every variable that is wrong is named, at once', async (t) => {
  const env = {
    PORT: '70000',
    NATS_PORT: 'x',
    NATS_URL: 'http://nats/path',
    DATABASE_URL: 'mysql://h/db',
    PARLEY_RATE_LIMIT: 'no',
    PARLEY_CORS_ORIGINS: 'app.example',
    PARLEY_PUBLIC_URL: 'chat.example',
    PARLEY_PARTITIONS: '0',
    PARLEY_REPLICAS: '2',
    PARLEY_DELTA_WINDOW_MS: '201',
    PARLEY_MASTER_KEY: 'c2hvcnQ=',
    PARLEY_MASTER_KEY_PREVIOUS: 'c2hvcnQ=',
    REFRESH_REUSE_GRACE_MS: '60001',
    PARLEY_ADMIN_PASSWORD: 'long enough',
    PARLEY_S3_BUCKET: 'media',
    LOG_LEVEL: 'loud',
  };
  const { errors } = readEnvironment(env, 'serve');
  const named = errors.map((sentence) => sentence.split(' ')[0]);
  t.same(new Set(named), new Set(Object.keys(env)));
  t.ok(errors.includes('PORT must be a whole number from 0 to 65535, not "70000"'));
  t.ok(errors.includes('PARLEY_ADMIN_PASSWORD is set without PARLEY_ADMIN_EMAIL'));
  t.notMatch(errors.join(), /c2hvcnQ/, 'a secret is not repeated');
});

t.test('a store for media needs all five variables, or none is set', async (t) => {
  const five = {
    PARLEY_S3_ENDPOINT: 'https://store.example',
    PARLEY_S3_BUCKET: 'media',
    PARLEY_S3_REGION: 'eu-1',
    PARLEY_S3_ACCESS_KEY: 'access',
    PARLEY_S3_SECRET_KEY: 'hunter2',
  };
  t.same(readEnvironment(five, 'serve').errors, []);
  for (const name of Object.keys(five) as (keyof typeof five)[]) {
    const { [name]: _, ...others } = five;
    const [first] = Object.keys(others);
    t.same(readEnvironment(others, 'serve').errors, [
      `${first} is set without ${name}: a store for media needs all five`,
    ]);
  }
  t.same(readEnvironment({ PARLEY_S3_REGION: 'eu-1' }, 'serve').errors.length, 1);
});

t.test('a sync interval is always, or has a unit', async (t) => {
  const read = (value: string) => readEnvironment({ PARLEY_NATS_SYNC: value }, 'dev');
  t.equal(readEnvironment({}, 'dev').config.natsSync, '2m');
  for (const value of ['always', '500ms', '30s', '2m', '1h']) t.equal(read(value).config.natsSync, value);
  for (const value of ['120', '0s', '2 m', 'never', '-1s'])
    t.match(read(value).errors, [/^PARLEY_NATS_SYNC/]);
});

t.test('a variable that nobody reads is warned of', async (t) => {
  const env = {
    PARLEY_PARTITION: '4',
    PARLEY_TOKEN: 't',
    PARLEY_TEST_JOBS: '1',
    PARLEY_NATS_STORE: 's',
    PATH: '/',
  };
  t.same(readEnvironment(env, 'dev').warnings, ['PARLEY_PARTITION is not a variable of Parley']);
});

t.test('a node of a deployment is warned that it has no master key', async (t) => {
  t.match(readEnvironment({}, 'serve').warnings, [/^PARLEY_MASTER_KEY is not set/]);
  t.same(readEnvironment({}, 'dev').warnings, []);
});

t.test('the table has a line for each variable', async (t) => {
  const table = configTable();
  t.ok(table.length > 30);
  t.ok(table.every((row) => row.meaning !== '' && row.default !== ''));
  t.equal(new Set(table.map(({ name }) => name)).size, table.length);
  t.equal(table.find(({ name }) => name === 'HOST')?.default, '127.0.0.1 (dev), 0.0.0.0 (serve)');
});

t.test('what is shown hides secrets', async (t) => {
  const env = {
    DATABASE_URL: 'postgres://user:hunter2@h/db',
    NATS_URL: 'nats://user:hunter2@h:4222',
    PARLEY_ADMIN_EMAIL: 'a@b',
    PARLEY_ADMIN_PASSWORD: 'hunter2hunter2',
    PARLEY_MODEL_KEY: 'hunter2',
  };
  const { config } = readEnvironment(env, 'serve');
  const shown = shownConfig(config);
  t.notMatch(JSON.stringify(shown), /hunter2/);
  t.same(shown.find(({ name }) => name === 'DATABASE_URL')?.value, 'postgres://user:***@h/db');
  t.same(shown.find(({ name }) => name === 'PARLEY_S3_SECRET_KEY')?.value, 'unset');
});

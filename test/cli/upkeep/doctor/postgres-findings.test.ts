import t from 'tap';
import type { PostgresFacts } from '../../../../src/adapters/postgres/server-facts.ts';
import {
  connectionsFinding,
  connectionsOfProcess,
  durabilityFinding,
  serverFinding,
  webhooksFinding,
} from '../../../../src/cli/upkeep/doctor/postgres-findings.ts';

const facts: PostgresFacts = {
  ...{ version: '17.2', versionMajor: 17, clockAheadMs: 0, isReadOnly: false, encoding: 'UTF8' },
  ...{ connectionsMax: 97, connectionsOpen: 10, connectionsOfNodes: 8, unsafeSettings: [] },
};

t.test('a primary in UTF8 of a version that is supported is well', async (t) => {
  t.match(serverFinding(facts), { status: 'ok', found: 'PostgreSQL 17.2' });
  t.match(serverFinding({ ...facts, versionMajor: 12 }), { status: 'warn', remedy: /or newer/ });
  t.match(serverFinding({ ...facts, isReadOnly: true }), { status: 'fail', remedy: /primary/ });
  t.match(serverFinding({ ...facts, encoding: 'SQL_ASCII' }), { status: 'fail', remedy: /create database/ });
});

t.test('connections must be enough for one more process', async (t) => {
  const each = connectionsOfProcess(4);
  t.match(connectionsFinding(facts, 4), { status: 'ok', found: new RegExp(`10 of 97 .*up to ${each}$`) });
  t.match(connectionsFinding({ ...facts, connectionsOpen: 97 - each + 1 }, 4), {
    status: 'warn',
    remedy: /max_connections/,
  });
  t.match(connectionsFinding({ ...facts, connectionsMax: each - 1, connectionsOpen: 0 }, 4), {
    status: 'fail',
  });
});

t.test('settings that lose what was committed, and webhooks that were given up, are told', async (t) => {
  t.strictSame(durabilityFinding(facts), []);
  t.match(durabilityFinding({ ...facts, unsafeSettings: ['fsync'] }), [
    { status: 'warn', found: /off: fsync/ },
  ]);
  t.match(webhooksFinding({ deadLetters: 0, disabled: 0 }), { status: 'ok' });
  t.match(webhooksFinding({ deadLetters: 3, disabled: 1 }), {
    status: 'warn',
    found: '3 dead letters, 1 disabled endpoints',
  });
});

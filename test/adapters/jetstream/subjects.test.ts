import fc from 'fast-check';
import t from 'tap';
import {
  agentSubject,
  ofAgentSubject,
  place,
  refOfLogSubject,
  token,
  untoken,
} from '../../../src/adapters/jetstream/subjects.ts';

const base64url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');

/** Ids as people choose them, and such as somebody chooses who wants the token of another one. */
const ids = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/),
  fc.uuid(),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).map(base64url),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 10 }).map((id) => base64url(base64url(id))),
  fc.constantFrom('_', base64url('_'), base64url(base64url('_')), 'assistant:x', base64url('assistant:x')),
);

t.test('two ids never have one token, and every token is NATS-safe', async (t) => {
  fc.assert(
    fc.property(ids, ids, (one, other) => {
      if (one !== other && token(one) === token(other)) return false;
      return /^[A-Za-z0-9_-]+$/.test(token(one)) && token(one) !== '_' && untoken(token(one)) === one;
    }),
    { numRuns: 5_000 },
  );
  t.not(token('assistant:x'), token(base64url('assistant:x')), 'nor when one is made from the other');
});

t.test('ids of our own making and ordinary names stay as they are', async (t) => {
  const ordinary = [
    '0198c2f4-7a31-7c55-9d1e-3f0a5b6c7d8e',
    'robot',
    'my_agent',
    'billing-service',
    'Ann',
    '42',
  ];
  for (const id of ordinary) t.equal(token(id), id);
});

t.test('a log subject tells its conversation, whatever the ids are', async (t) => {
  const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(id, fc.option(fc.oneof(id, fc.constant('_'))), id, (tenant, service, conversation) => {
      const ref = { tenant, service, conversation };
      const read = refOfLogSubject(`conv.0.${place(ref)}.message`);
      return JSON.stringify(read) === JSON.stringify(ref);
    }),
  );
  t.pass();
});

t.test('the subject of a turn tells agent and conversation, whatever the ids are', async (t) => {
  fc.assert(
    fc.property(ids, fc.option(ids), ids, ids, (tenant, service, conversation, agent) => {
      const ref = { tenant, service, conversation };
      const read = ofAgentSubject(agentSubject(1, ref, agent));
      return JSON.stringify(read) === JSON.stringify({ ref, agent });
    }),
  );
  t.pass();
});

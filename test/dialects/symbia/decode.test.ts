import fc from 'fast-check';
import t from 'tap';
import {
  decodeAdd,
  decodeControl,
  decodeCreate,
  decodeEdit,
  decodePost,
  decodeRole,
  decodeUpdate,
} from '../../../src/dialects/symbia/decode.ts';
import { decodePage } from '../../../src/dialects/symbia/message-page.ts';
import { Problem } from '../../../src/domain/problem.ts';

const id = '01900000-0000-7000-8000-00000000000A';

t.test('a post with nothing but content is a plain command', async (t) => {
  t.same(decodePost({ content: 'hi' }, null), {
    command: {
      op: 'post',
      content: 'hi',
      contentType: 'text',
      clientId: null,
      messageId: null,
      replyTo: null,
      run: null,
      endRun: false,
      priority: null,
      interruptible: true,
      preemptedBy: null,
      metadata: {},
      mayJoin: true,
    },
    trace: null,
  });
});

t.test('every field of a post arrives, UUIDs in lower case', async (t) => {
  const lower = id.toLowerCase();
  const fields = { id, runId: id, replyTo: id, preemptedBy: id, priority: 'low', interruptible: false };
  t.match(
    decodePost({ content: 'hi', ...fields, contentType: 'json', traceId: 'T', metadata: { a: 1 } }, 'key'),
    {
      command: {
        messageId: lower,
        run: lower,
        replyTo: lower,
        preemptedBy: lower,
        clientId: 'key',
        priority: 'low',
        interruptible: false,
        contentType: 'json',
        metadata: { a: 1 },
      },
      trace: 'T',
    },
  );
});

t.test('null means absent', async (t) => {
  const nothing = {
    contentType: null,
    id: null,
    runId: null,
    replyTo: null,
    metadata: null,
    interruptible: null,
  };
  t.same(
    decodePost({ content: 'hi', ...nothing, priority: null, traceId: null }, null),
    decodePost({ content: 'hi' }, null),
  );
});

t.test('the first thing that is wrong is the refusal', async (t) => {
  t.match(decodePost({ content: '', id: 'x' }, null), { message: 'Message content is required' });
  t.match(decodeCreate({ type: 'x', name: 5 }), { message: 'Invalid conversation type' });
  t.match(decodeAdd({ role: 'king' }), { message: 'userId is required' });
});

t.test('an edit without metadata keeps what the message has', async (t) => {
  t.match(decodeEdit({ content: 'x' }, 'm'), { metadata: null });
  t.same(decodeEdit({ content: 'x', metadata: {} }, 'm'), {
    op: 'edit',
    message: 'm',
    content: 'x',
    metadata: {},
  });
});

t.test('an update names only what the body names', async (t) => {
  t.same(decodeUpdate({}), { op: 'update' });
  t.same(decodeUpdate({ name: null, metadata: null }), { op: 'update', name: null, metadata: {} });
});

t.test('a target is an object, a string or nothing', async (t) => {
  const targetOf = (target: unknown): unknown => {
    const decoded = decodeControl({ event: 'x.y', target });
    return decoded instanceof Problem ? 'refused' : decoded.command.target;
  };
  t.equal(targetOf({ principalId: 'assistant:X', principalType: 'agent' }), 'assistant:X');
  t.equal(targetOf({ principalId: id }), id.toLowerCase());
  t.equal(targetOf('assistant:x'), 'assistant:x');
  t.equal(targetOf(null), null);
  t.equal(targetOf(undefined), null);
  for (const bad of [{}, [], '', 5, { principalId: null }, 'a b', { principalId: ['x'] }]) {
    t.equal(targetOf(bad), 'refused', JSON.stringify(bad));
  }
});

t.test('a priority counts for stream.priority alone', async (t) => {
  const priorityOf = (body: object): unknown => {
    const decoded = decodeControl({ event: 'stream.priority', ...body });
    return decoded instanceof Problem ? decoded : decoded.command.priority;
  };
  t.equal(priorityOf({ priority: 'high' }), 'high');
  t.equal(priorityOf({ metadata: { priority: 'low' } }), 'low');
  t.equal(priorityOf({ priority: 'high', metadata: { priority: 'low' } }), 'high');
  t.equal(priorityOf({ priority: 'urgent' }), null);
  t.equal(priorityOf({ event: 'stream.pause', priority: 'high' }), null);
});

t.test('a page is fifty of the oldest unless the query says otherwise', async (t) => {
  const at = Date.parse('2026-11-20T10:00:00Z') * 1000;
  const time = '2026-11-20T10:00:00Z';
  t.same(decodePage({}), { limit: 50, keep: 'oldest' });
  t.same(decodePage({ before: time }), { limit: 50, keep: 'newest', beforeAt: at });
  t.same(decodePage({ after: time }), { limit: 50, keep: 'oldest', afterAt: at });
  t.same(decodePage({ after: time, before: time }), { limit: 50, keep: 'oldest', beforeAt: at, afterAt: at });
  t.same(decodePage({ order: 'desc', limit: '200' }), { limit: 200, keep: 'newest' });
});

t.test('no body makes a decoder throw, and what it accepts is never half a command', async () => {
  const values = fc.oneof(fc.jsonValue(), fc.constant(undefined));
  const names = [
    'type',
    'name',
    'metadata',
    'participants',
    'userId',
    'role',
    'content',
    'id',
    'target',
    'event',
  ];
  const body = fc.record(Object.fromEntries(names.map((name) => [name, values])), { requiredKeys: [] });
  const decoders = [
    decodeCreate,
    decodeUpdate,
    decodeAdd,
    decodeControl,
    (given: object) => decodePost(given, null),
    (given: object) => decodeEdit(given, 'm'),
    (given: { role?: unknown }) => decodeRole(given.role),
  ];
  fc.assert(
    fc.property(body, (given) =>
      decoders.every((decode) => {
        const decoded = decode(given as never);
        return decoded instanceof Problem ? decoded.status < 500 : decoded !== null;
      }),
    ),
    { numRuns: 2_000 },
  );
});

import { Type } from '@sinclair/typebox';
import t from 'tap';
import type { Json } from '../../../src/contract/checking/json-text.ts';
import { compileFrames, frame, isRefused } from '../../../src/contract/sockets/frame.ts';

type Session = { readonly name: string };

const post = frame(
  {
    op: 'post',
    summary: 'Posts',
    schema: Type.Object({ content: Type.String({ maxLength: 5 }) }),
    reply: Type.Object({ seq: Type.Integer() }),
  },
  (session: Session, fields) => ({ seq: fields.content.length, by: session.name }),
);
const read = compileFrames([post]);

function problemOf(value: Json): unknown {
  const result = read(value);
  if (!isRefused(result)) return 'accepted';
  return { id: result.id, code: result.problem.code, fields: result.problem.fields };
}

t.test('a frame is found by its op, checked and run', async (t) => {
  const result = read({ op: 'post', id: 'f1', content: 'abc' });
  if (isRefused(result)) throw new Error('refused');
  t.equal(result.id, 'f1');
  t.same(await result.frame.run({ name: 'ann' }, result.fields, result.id), { seq: 3, by: 'ann' });
  t.equal(read({ op: 'post', content: 'abc' }).id, null);
});

t.test('a refused frame keeps its id, so that the refusal finds its asker', async (t) => {
  t.same(problemOf({ op: 'post', id: 'f1', content: 'toolong' }), {
    id: 'f1',
    code: 'invalid_request',
    fields: [{ path: 'content', reason: 'too_long', limit: 5 }],
  });
  t.same(problemOf({ op: 'nope', id: 'f1' }), { id: 'f1', code: 'unknown_op', fields: undefined });
  t.same(problemOf({ op: 'constructor', id: 'f1' }), { id: 'f1', code: 'unknown_op', fields: undefined });
  t.same(problemOf({ id: 'f1' }), {
    id: 'f1',
    code: 'invalid_request',
    fields: [{ path: 'op', reason: 'required' }],
  });
});

t.test('what is no frame at all is refused without an id', async (t) => {
  for (const value of [null, 1, 'post', [], [{ op: 'post' }]]) {
    t.match(problemOf(value as Json), { id: null, code: 'invalid_request' });
  }
  t.match(problemOf({ op: 'post', id: 7, content: 'a' }), {
    id: null,
    fields: [{ path: 'id', reason: 'type' }],
  });
  t.match(problemOf({ op: 'post', id: 'x'.repeat(65), content: 'a' }), {
    fields: [{ path: 'id', reason: 'too_long', limit: 64 }],
  });
});

t.test('an op is declared once', async (t) => {
  t.throws(() => compileFrames([post, post]), /declared twice/);
});

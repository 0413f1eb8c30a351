import { Type } from '@sinclair/typebox';
import t from 'tap';
import type { Operation } from '../../../src/contract/operation.ts';
import { inputReader } from '../../../src/dialects/v2/decode.ts';
import { refuse } from '../../../src/dialects/v2/refuse.ts';
import { Problem } from '../../../src/domain/problem.ts';

const body = Type.Object({ list: Type.Array(Type.String(), { maxItems: 200 }), last: Type.String() });
const read = inputReader({ schemas: { body } } as unknown as Operation);

/** What is told of a body: where each wrong field is. */
function told(value: object): unknown {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const found = read({ params: {}, query: '', body: bytes, contentType: 'application/json' });
  if (!(found instanceof Problem)) throw new Error('nothing is wrong with it');
  return (refuse(found).body as { detail: { loc: unknown }[] }).detail.map(({ loc }) => loc);
}

t.test('of a list that is too long nothing else is told, and what is behind it is', async (t) => {
  t.same(told({ list: new Array(201).fill(1), last: 1 }), [
    ['body', 'list'],
    ['body', 'last'],
  ]);
});

t.test('a list as long as a body is not looked through to its end', async (t) => {
  t.same(told({ list: new Array(2_000).fill(1), last: 1 }), [['body', 'list']]);
});

import t from 'tap';
import { isSampled, isTraceparent, traceIdOf } from '../../src/domain/trace-context.ts';

const [trace, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];

t.test('a trace context is read as W3C writes it', async (t) => {
  t.ok(isTraceparent(`00-${trace}-${span}-01`));
  t.ok(isTraceparent(`01-${trace}-${span}-00-what-comes-later`));
  for (const other of [
    ...['', 'nonsense', `00-${trace}-${span}`, `00-${trace.toUpperCase()}-${span}-01`],
    ...[`ff-${trace}-${span}-01`, `00-${'0'.repeat(32)}-${span}-01`, `00-${trace}-${'0'.repeat(16)}-01`],
    ...[`00-${trace}-${span}-01\r\nx: y`, `00-${trace}-${span}-01-a b`],
  ])
    t.notOk(isTraceparent(other), JSON.stringify(other));
  t.equal(traceIdOf(`00-${trace}-${span}-01`), trace);
  t.same(
    ['00', '01', '02', '03'].map((flags) => isSampled(`00-${trace}-${span}-${flags}`)),
    [false, true, false, true],
  );
});

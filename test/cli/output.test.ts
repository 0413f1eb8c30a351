import t from 'tap';
import { Failure, sentenceOf } from '../../src/cli/failure.ts';
import { columns, shown } from '../../src/cli/output.ts';

t.test('columns are as wide as their widest cell, the last one is not padded', async (t) => {
  t.equal(
    columns([
      ['a', 'bbb', 'c'],
      ['aaaa', 'b', 'cc'],
    ]),
    'a     bbb  c\naaaa  b    cc',
  );
  t.equal(columns([]), '');
});

t.test('text of others is shown without what a terminal would obey', async (t) => {
  t.equal(shown('a\tb\nc'), 'a\tb\nc');
  t.equal(
    shown('\u001b]0;title\u0007\u0000\u007f\u0090'),
    '\u{fffd}]0;title\u{fffd}\u{fffd}\u{fffd}\u{fffd}',
  );
});

t.test('the sentence of a failed fetch is that of its cause', async (t) => {
  const refused = new Error('connect ECONNREFUSED 127.0.0.1:1');
  t.equal(sentenceOf(new TypeError('fetch failed', { cause: refused })), refused.message);
  t.equal(sentenceOf(new AggregateError([refused], '')), refused.message);
  t.equal(sentenceOf(new Failure('no such thing')), 'no such thing');
  t.equal(sentenceOf('text'), 'text');
});

import t from 'tap';
import { snippetPieces } from '../../src/console/rail/snippet-pieces.ts';

t.test('a snippet is text, with what was looked for told apart', async (t) => {
  t.same(snippetPieces('the <mark>tide</mark> &amp; the <mark>moon</mark>'), [
    { text: 'the ', isHit: false },
    { text: 'tide', isHit: true },
    { text: ' & the ', isHit: false },
    { text: 'moon', isHit: true },
  ]);
  t.same(snippetPieces('&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;'), [
    { text: `<img src=x onerror="a('b')">`, isHit: false },
  ]);
  t.same(snippetPieces('<b>&amp;lt;</b> <mark>open'), [{ text: '<b>&lt;</b> <mark>open', isHit: false }]);
  t.same(snippetPieces(''), []);
});

import t from 'tap';
import { snippetOf } from '../../../../../src/dialects/vero/chat/search/snippet.ts';

const visible = (html: string): number =>
  [...html.replace(/<\/?mark>/g, '').replace(/&(amp|lt|gt|quot|#39);/g, '.')].length;

t.test('hits are marked and everything else is text', async (t) => {
  t.equal(snippetOf('A <i>b</i> & c', ['b']), 'A &lt;i&gt;<mark>b</mark>&lt;/i&gt; &amp; c');
  t.equal(snippetOf('</mark><script>', ['script']), '&lt;/mark&gt;&lt;<mark>script</mark>&gt;');
  t.equal(snippetOf('Harbour harbours', ['harbour']), '<mark>Harbour</mark> harbours', 'whole words');
  t.equal(snippetOf('去北京开会', ['北京']), '去<mark>北京</mark>开会');
  t.equal(snippetOf('nothing of it', ['gone']), 'nothing of it');
  t.equal(snippetOf('', ['x']), '');
});

t.test('at most 200 code points of the text are shown, the first hit among them', async (t) => {
  const long = `${'🚢 ship '.repeat(200)}needle${' <&> tail'.repeat(200)}`;
  const html = snippetOf(long, ['needle']);
  t.match(html, /<mark>needle<\/mark>/);
  t.equal(visible(html), 200);
  t.equal(Buffer.from(html).toString(), html, 'no half of a character');
  t.equal(visible(snippetOf('x'.repeat(5_000), ['x'.repeat(5_000)])), 200, 'also of one endless hit');
  t.equal(visible(snippetOf('&'.repeat(5_000), ['y'])), 200, 'what is escaped counts as what is seen');
});

t.test('whatever signs stand beside characters of a script without spaces', (t) => {
  const signs = '-.*+?^{}$()|[]\\/&#~,:!=%@`';
  for (const sign of signs) {
    const said = `東${sign}京`;
    const shown = snippetOf(`x ${said} y`, [said]);
    t.match(shown, /^x <mark>東.+京<\/mark> y$/, sign);
  }
  t.end();
});

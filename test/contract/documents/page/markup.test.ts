import t from 'tap';
import { escapeHtml, inlineHtml } from '../../../../src/contract/documents/page/markup.ts';

t.test('no text is markup, in an element or in an attribute', async (t) => {
  t.equal(
    escapeHtml(`<script>alert("a" & 'b')</script>`),
    '&lt;script&gt;alert(&quot;a&quot; &amp; &#39;b&#39;)&lt;/script&gt;',
  );
  t.equal(escapeHtml('plain, ü and 🙂'), 'plain, ü and 🙂');
});

t.test('backticks and links are the only markup of a text', async (t) => {
  t.equal(inlineHtml('see `a<b>` & go'), 'see <code>a&lt;b&gt;</code> &amp; go');
  t.equal(inlineHtml('[the "docs"](/docs?a=1&b=2)'), '<a href="/docs?a=1&amp;b=2">the &quot;docs&quot;</a>');
  t.equal(
    inlineHtml('[x](javascript:alert(1))'),
    '[x](javascript:alert(1))',
    'only http, own paths and fragments',
  );
  t.equal(inlineHtml('[x](https://e.org/"><b>)'), '<a href="https://e.org/&quot;&gt;&lt;b&gt;">x</a>');
  t.equal(inlineHtml('<b> ` alone'), '&lt;b&gt; ` alone');
});

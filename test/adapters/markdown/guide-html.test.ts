import t from 'tap';
import { guideHtml } from '../../../src/adapters/markdown/guide-html.ts';

const html = (markdown: string): string => guideHtml(markdown, (link) => link);

t.test('the first heading is left to the page, and every other can be linked to', async (t) => {
  const made = html('# How `it` works\n\n## Run it, now\n\n## Run it, now\n');
  t.equal(made, '<h2 id="run-it-now">Run it, now</h2>\n<h2 id="run-it-now-1">Run it, now</h2>\n');
});

t.test('HTML in a text is shown and not obeyed', async (t) => {
  t.match(html('a <script>alert(1)</script> b'), /<p>a &lt;script&gt;alert\(1\)&lt;\/script&gt; b<\/p>/);
  t.notMatch(html('<div onclick="x()">\n\nwords\n\n</div>'), /<div/);
  t.equal(html('![a <b>](https://e.org/pixel)'), '<p>a &lt;b&gt;</p>\n');
  t.match(
    html('```js\nif (a < b && c) "x"\n```'),
    /<code>if \(a &lt; b &amp;&amp; c\) &quot;x&quot;<\/code>/,
  );
});

t.test('a link that leads nowhere is its words', async (t) => {
  const made = guideHtml('[there](a.md) and [`here`](b.md)', (link) =>
    link === 'a.md' ? '/docs/a?b&c' : null,
  );
  t.equal(made, '<p><a href="/docs/a?b&amp;c">there</a> and <code>here</code></p>\n');
});

t.test('tables are tables, with markup in their cells', async (t) => {
  const made = html('| a | b |\n| --- | --- |\n| `x` | **y** |\n');
  t.match(made, '<th scope="col">a</th><th scope="col">b</th>');
  t.match(made, '<tr><td><code>x</code></td><td><strong>y</strong></td></tr>');
});

import t from 'tap';
import { pageOf } from '../../../../src/contract/documents/page/page.ts';
import {
  code,
  list,
  type Reference,
  table,
  text,
} from '../../../../src/contract/documents/reference/reference.ts';

const hostile = `<img src=x onerror="alert('1')">&</code>`;

t.test('whatever a declaration says, it says as text', async (t) => {
  const reference: Reference = {
    title: hostile,
    version: hostile,
    description: hostile,
    sections: [
      {
        id: 'a',
        title: hostile,
        blocks: [text(hostile), list(hostile), table([hostile], [[hostile]]), code(hostile, hostile)],
        entries: [{ id: 'a.b', title: hostile, summary: hostile, blocks: [code('x', hostile)] }],
      },
    ],
  };
  const guides = [{ title: hostile, guides: [{ title: hostile, address: hostile }] }];
  const page = pageOf(reference, '/style.css', guides);
  t.notMatch(page, /<img|onerror="/);
  t.equal(
    page.split('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;&lt;/code&gt;').length - 1,
    20,
    'in every place where it is said',
  );
});

t.test('a section without entries is a link, one with entries opens', async (t) => {
  const sections = [
    { id: 'a', title: 'A', blocks: [], entries: [] },
    { id: 'b', title: 'B', blocks: [], entries: [{ id: 'b.c', title: 'C', summary: 'c', blocks: [] }] },
  ];
  const guides = [{ title: 'Begin', guides: [{ title: 'Concepts', address: '/docs/guides/concepts' }] }];
  const page = pageOf({ title: 'T', version: '1', description: 'd', sections }, '/style.css', guides);
  t.ok(
    page.indexOf('<a href="/docs/guides/concepts">Concepts</a>') < page.indexOf('<nav'),
    'guides come first',
  );
  t.match(page, /<p><a href="#a">A<\/a><\/p>/);
  t.match(
    page,
    /<summary><a href="#b">B<\/a> <small>1<\/small><\/summary>\n<ul>\n<li><a href="#b\.c">C<\/a>/,
  );
});

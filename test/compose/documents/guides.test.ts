/** What /docs/guides serves: every guide can be read, and every link in one leads somewhere. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import t from 'tap';
import { guideHtml } from '../../../src/adapters/markdown/guide-html.ts';
import { guideFiles, openGuides } from '../../../src/compose/documents/guides.ts';
import { repository } from '../../kit/temporary.ts';

const textOf = (file: string): string => readFileSync(join(repository, file), 'utf8');

t.test('every guide is a page with a title, in the list of all', async (t) => {
  const guides = openGuides();
  for (const { name, html } of guides) {
    const page = html();
    t.match(page, /<h1>[^<]{3,}<\/h1>/, name);
    t.match(page, `<a href="/docs/guides/${name}" aria-current="page">`, name);
    t.equal(page.match(/<li><a href="\/docs\/guides\//g)?.length, guides.length, name);
    t.notMatch(page, /href="[^"]*\.md/, `${name} links to pages, not to files`);
  }
});

t.test('every link of a guide leads to a file, a heading or a page that is there', async (t) => {
  for (const file of guideFiles()) {
    guideHtml(textOf(file), (link) => {
      if (/^https?:/.test(link)) return link;
      const [path = '', fragment] = link.split('#');
      const target = path === '' ? file : normalize(join(dirname(file), path));
      if (path.startsWith('/')) return link;
      t.ok(existsSync(join(repository, target)), `${file} links to ${link}`);
      if (fragment !== undefined && target.endsWith('.md'))
        t.match(
          guideHtml(textOf(target), () => null),
          `id="${fragment}"`,
          `${file} links to ${link}`,
        );
      return link;
    });
  }
});

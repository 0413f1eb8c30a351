/** The pages of /docs in a browser: on a telephone and in the dark, nothing is cut off and no policy is broken. */
import t from 'tap';
import { openGuides } from '../../src/compose/documents/guides.ts';
import { noBrowser, openTab, startBrowser } from '../kit/clients/browser.ts';
import { startNats } from '../kit/servers/nats.ts';
import { startNode } from '../kit/servers/node.ts';
import { startPostgres } from '../kit/servers/postgres.ts';

t.setTimeout(120_000);

const width = 360;
const overflow = 'document.documentElement.scrollWidth - innerWidth';
const colours = '[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]';

t.test('every page is as wide as a telephone, light and dark', { skip: noBrowser }, async (t) => {
  const node = await startNode({ nats: await startNats(t), database: await startPostgres(t) }, t);
  const browser = await startBrowser(t);
  const paths = ['/docs', ...openGuides().map(({ name }) => `/docs/guides/${name}`)];
  const seen = new Set<string>();
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, faults } = await openTab(browser, { colorScheme, viewport: { width, height: 740 } });
    for (const path of paths) {
      const answer = await page.goto(`${node.url}${path}`);
      t.equal(answer?.status(), 200, path);
      t.equal(await page.evaluate(overflow), 0, `${path} does not scroll sideways`);
      seen.add(`${colorScheme} ${String(await page.evaluate(colours))}`);
    }
    t.same(faults, [], `no violation in ${colorScheme}`);
  }
  t.equal(seen.size, 2, 'one pair of colours for light, another for dark');
});

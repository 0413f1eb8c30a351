/** The documents of everything that is declared, as people and language models read them. */
import t from 'tap';
import {
  declaredDialects,
  declaredMessages,
  staticDocuments,
} from '../../../src/compose/documents/documents.ts';

const documents = staticDocuments('1.2.3');
const [page, llms, llmsFull] = [documents.page(), documents.llms(), documents.llmsFull()];
const operations = declaredDialects()
  .flatMap((dialect) => dialect.operations)
  .filter(({ isAlias }) => isAlias !== true);
const { sockets, eventSockets, subjects } = declaredMessages();
const titleOf = ({ method, path }: { method: string; path: string }): string =>
  `${method} ${path.replace(/:([^/]+)/g, '{$1}')}`;

t.test('every operation, frame, event and subject is on the page, and in both texts', async (t) => {
  for (const operation of operations) {
    t.ok(page.includes(`id="${operation.id}"`), `${operation.id} on the page`);
    t.ok(llms.includes(`- ${titleOf(operation)} - `), `${operation.id} has a line`);
    t.ok(llmsFull.includes(`### ${titleOf(operation)}\n`), `${operation.id} is told whole`);
  }
  const sent = [
    ...sockets.flatMap(({ name, frames }) => frames.map(({ op }) => [name, op] as const)),
    ...eventSockets.flatMap(({ name, events }) => events.map((event) => [name, event.name] as const)),
    ...subjects.map(({ name }) => ['nats', name] as const),
  ];
  t.ok(sent.length > 20);
  for (const [where, name] of sent) {
    t.ok(
      page.includes(`id="${`${where}.${name}`.replace(/[^\w.-]/g, '-')}"`),
      `${where} ${name} on the page`,
    );
  }
  for (const [where, name] of sent.filter(([where]) => where !== 'nats')) {
    t.ok(llms.includes(`- ${name} - `), `${where} ${name} has a line`);
  }
});

t.test('every link within the page leads somewhere, and no id is there twice', async (t) => {
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  t.equal(new Set(ids).size, ids.length, 'ids are unique');
  const links = [...page.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
  t.ok(links.length > operations.length);
  t.same(
    links.filter((id) => !ids.includes(id)),
    [],
  );
});

t.test('the page asks for nothing but its style, runs nothing, and closes what it opens', async (t) => {
  t.notMatch(page, /<script|<iframe|<img|javascript:| style=| on[a-z]+=/i);
  t.same(
    [...page.matchAll(/<link [^>]*href="([^"]*)"/g)].map(([, address]) => address),
    ['/docs/docs.css'],
  );
  t.equal(unclosed(page), undefined);
});

t.test('no document names a machine, and none has a hole', async (t) => {
  for (const text of [page, llms, llmsFull, documents.openApi(), documents.asyncApi()]) {
    t.notMatch(text, /undefined|\[object Object\]|NaN|Symbol\(/);
  }
});

/** The first element that is closed by another's end, or never. */
function unclosed(html: string): string | undefined {
  const open: string[] = [];
  for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
    if (['meta', 'link'].includes(name)) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) return name;
  }
  return open[0];
}

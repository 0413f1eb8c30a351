/** Every node knows who is online, on whichever node. */
import t from 'tap';
import { type OpenPresenceBoard, openPresenceBoard } from '../../../src/core/presence/presence-board.ts';
import { NodeLinks } from '../../kit/links/node-links.ts';
import { MovedClock } from '../../kit/memory/moved-clock.ts';
import { principal } from '../../kit/servers/core-node.ts';

const iris = principal('acme', 'iris', 'agent');

function world() {
  const clock = MovedClock.still();
  const links = new NodeLinks();
  const reconnects = new Map<string, () => void>();
  const open = (node: string): OpenPresenceBoard =>
    openPresenceBoard({
      link: links.open(node),
      live: { onReconnect: (run) => void reconnects.set(node, run) },
      clock,
    });
  async function pass(ms: number): Promise<void> {
    clock.advance(ms);
    for (let turns = 0; turns < 10; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return { open, pass };
}

const statusOn = (node: OpenPresenceBoard, tenant = 'acme'): string => node.board.of(tenant, 'iris').status;

t.test('who connects is online on every node, and nobody of that id elsewhere', async (t) => {
  const { open, pass } = world();
  const [one, two] = [open('one'), open('two')];
  t.same(two.board.of('acme', 'iris'), { status: 'offline', lastSeen: null });
  one.reports.connected(iris);
  t.equal(statusOn(one), 'online', 'at once where it is');
  await pass(50);
  t.equal(statusOn(two), 'online');
  t.equal(statusOn(two, 'other'), 'offline', 'of another tenant');
});

t.test('what was said last counts, whichever node it was said at', async (t) => {
  const { open, pass } = world();
  const [one, two] = [open('one'), open('two')];
  one.reports.connected(iris);
  two.reports.connected(iris);
  await pass(50);
  one.reports.announced(iris, 'busy');
  await pass(50);
  t.equal(statusOn(two), 'busy');
  two.reports.announced(iris, 'away');
  await pass(50);
  t.equal(statusOn(one), 'away');
  two.reports.announced(iris, '{"mood":"fine"}');
  await pass(50);
  t.equal(statusOn(one), 'online', 'words of other dialects say that it is here');
});

t.test('ten seconds after the last socket it is offline, and when it was seen last is known', async (t) => {
  const { open, pass } = world();
  const [one, two] = [open('one'), open('two')];
  one.reports.connected(iris);
  two.reports.connected(iris);
  one.reports.disconnected(iris, false);
  await pass(11_000);
  t.equal(statusOn(one), 'online', 'it is still at the other');
  two.reports.disconnected(iris, false);
  await pass(9_900);
  t.equal(statusOn(one), 'online');
  await pass(200);
  await pass(50);
  t.equal(statusOn(one), 'offline');
  t.ok((one.board.of('acme', 'iris').lastSeen ?? 0) > 0);
});

t.test('coming back within ten seconds is no absence; a goodbye is one at once', async (t) => {
  const { open, pass } = world();
  const [one, two] = [open('one'), open('two')];
  one.reports.connected(iris);
  one.reports.disconnected(iris, false);
  await pass(5_000);
  one.reports.connected(iris);
  await pass(6_000);
  t.equal(statusOn(two), 'online');
  one.reports.disconnected(iris, true);
  await pass(50);
  t.equal(statusOn(two), 'offline');
});

t.test('a node that starts asks the others; one that closes takes its principals with it', async (t) => {
  const { open, pass } = world();
  const one = open('one');
  one.reports.connected(iris);
  one.reports.announced(iris, 'busy');
  await pass(1_000);
  const late = open('late');
  await pass(50);
  t.equal(statusOn(late), 'busy');
  one.close();
  await pass(50);
  t.equal(statusOn(late), 'offline');
});

/** Two nodes, of which the cable of the first can be cut. */
function cuttable() {
  const { clock, links } = { clock: MovedClock.still(), links: new NodeLinks() };
  const live = { onReconnect: () => undefined };
  const cable = { isCut: false };
  const link = links.open('one');
  const tell: typeof link.tell = (kind, body) => (cable.isCut ? undefined : link.tell(kind, body));
  const one = openPresenceBoard({ link: { ...link, tell }, live, clock });
  const two = openPresenceBoard({ link: links.open('two'), live, clock });
  async function pass(ms: number): Promise<void> {
    clock.advance(ms);
    for (let turns = 0; turns < 10; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  }
  async function beats(count: number): Promise<void> {
    for (let beat = 0; beat < count; beat += 1) await pass(5_000);
  }
  return { one, two, cable, pass, beats };
}

t.test(
  'the principals of a node that falls silent are gone, and are back when it speaks again',
  async (t) => {
    const { one, two, cable, pass, beats } = cuttable();
    one.reports.connected(iris);
    await pass(50);
    await beats(8);
    t.equal(statusOn(two), 'online', 'it goes on saying that it is there');
    cable.isCut = true;
    await beats(6);
    t.equal(statusOn(two), 'offline');
    cable.isCut = false;
    await beats(2);
    t.equal(statusOn(two), 'online', 'nothing connected anew, and nobody said anything');
  },
);

t.test('what got lost on the way is asked for', async (t) => {
  const { one, two, cable, pass, beats } = cuttable();
  await beats(1);
  cable.isCut = true;
  one.reports.connected(iris);
  await pass(50);
  cable.isCut = false;
  await beats(2);
  t.equal(statusOn(two), 'online');
  cable.isCut = true;
  one.reports.disconnected(iris, true);
  await pass(50);
  cable.isCut = false;
  await beats(2);
  t.equal(statusOn(two), 'offline', 'also that somebody left');
});

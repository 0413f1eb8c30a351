/** 5,000 sockets lose their node at once and come to the other one. Runs alone: it needs both cores. */
import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { openAsking } from '../../kit/chaos/asking-socket.ts';
import { openDeployment } from '../../kit/chaos/deployment.ts';
import { type Latency, latencyOf, provePace } from '../../kit/chaos/latency.ts';
import { metricsOf, summed } from '../../kit/chaos/metrics.ts';
import { StormSocket } from '../../kit/chaos/storm.ts';
import { type Account, type KeyHolder, makeAgent, signUp } from '../../kit/clients/accounts.ts';
import { until } from '../../kit/log-entries.ts';

t.setTimeout(600_000);

const [sockets, conversations, agentsOfEach, posters] = [5_000, 50, 10, 100];
/** Of each poster: what they say goes to 100 sockets, which one process has to read. */
const postEveryMs = 2_000;
const backMsMax = 60_000;

const filesMax = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }));
if (filesMax < sockets + 1_000)
  throw new Error(
    `${sockets} sockets need as many open files: raise \`ulimit -n\` (${filesMax}) to ${sockets + 1_000}`,
  );

type Place = { readonly conversation: string; readonly agents: readonly KeyHolder[] };

async function makePlaces(node: { readonly url: string }, owner: Account): Promise<readonly Place[]> {
  const socket = await openAsking(node.url, owner.token);
  const places: Place[] = [];
  for (let index = 0; index < conversations; index += 1) {
    const names = Array.from({ length: agentsOfEach }, (_, agent) => `agent ${index} ${agent}`);
    const agents = await Promise.all(names.map((name) => makeAgent(node, owner, name)));
    const participants = agents.map(({ id }) => ({ id, kind: 'agent' }));
    const made = await socket.ask('create', { type: 'group', name: `storm ${index}`, participants });
    places.push({ conversation: made['conversation'].id ?? made['conversation'], agents });
  }
  socket.end();
  return places;
}

class Posters {
  readonly latencies: number[] = [];
  readonly faults: string[] = [];
  #isOver = false;
  readonly #running: Promise<void>[] = [];

  static begin(t: Test, url: string, places: readonly Place[]): Posters {
    const all = new Posters();
    for (let index = 0; index < posters; index += 1) {
      const place = places[index % places.length];
      if (place !== undefined) all.#running.push(all.#post(url, place, index));
    }
    t.teardown(() => all.end());
    return all;
  }

  async #post(url: string, { agents, conversation }: Place, index: number): Promise<void> {
    const socket = await openAsking(url, agents[index % agents.length]?.token ?? '');
    void socket.ended.then(
      (code) => this.#isOver || this.faults.push(`a connected socket ended with ${code}`),
    );
    await delay(Math.random() * postEveryMs);
    while (!this.#isOver) {
      const beganMs = performance.now();
      const reply = await socket.ask('post', { conversation, content: `from ${index}` }).catch(() => null);
      if (reply?.['ok'] === true) this.latencies.push(performance.now() - beganMs);
      else this.faults.push(`a post was answered ${JSON.stringify(reply)}`);
      await delay(postEveryMs);
    }
    socket.end();
  }

  async during(work: () => Promise<unknown>): Promise<Latency> {
    const first = this.latencies.length;
    await work();
    return latencyOf(this.latencies.slice(first));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#running);
  }
}

t.test('all come back with nothing missed, and who is connected elsewhere notices little', async (t) => {
  const { nodes } = await openDeployment(t);
  const [here, there] = nodes;
  if (here === undefined || there === undefined) throw new Error('two nodes are needed');
  const places = await makePlaces(there, await signUp(there));
  const faults: string[] = [];
  const storm = Array.from({ length: sockets }, (_, index) => {
    const place = places[index % places.length];
    const who = place?.agents[Math.floor(index / places.length) % agentsOfEach];
    // To and fro: whoever lost one node comes to the other.
    const plan = {
      token: who?.token ?? '',
      conversation: place?.conversation ?? '',
      urls: [here.url, there.url],
    };
    return new StormSocket(plan, faults);
  });
  t.teardown(() => {
    for (const one of storm) one.end();
  });
  const areBack = (opens: number) => (): boolean => storm.every((one) => one.isOpen && one.opens >= opens);
  let opens = 1;
  for (const [index, one] of storm.entries()) {
    one.begin();
    if (index % 100 === 99) await delay(50);
  }
  await until(areBack(opens), backMsMax);
  const all = Posters.begin(t, there.url, places);
  await delay(5_000);

  const paces: { quiet: Latency; busy: Latency }[] = [];
  const lose = async (what: string, end: () => Promise<void>): Promise<void> => {
    const quiet = await all.during(() => delay(10_000));
    const used = await cpuOf(there);
    const own = process.cpuUsage();
    const beganMs = performance.now();
    const busy = await all.during(async () => {
      await end();
      opens += 1;
      await until(areBack(opens), backMsMax);
      t.comment(`${what}: all were back after ${((performance.now() - beganMs) / 1_000).toFixed(1)} s`);
      await delay(2_000);
    });
    const { user, system } = process.cpuUsage(own);
    const seconds = (performance.now() - beganMs) / 1_000;
    const share = (ofSeconds: number): string => `${((ofSeconds / seconds) * 100).toFixed(0)}% of a core`;
    t.comment(
      `the node that took them used ${share((await cpuOf(there)) - used)}, this program ${share((user + system) / 1e6)}`,
    );
    paces.push({ quiet, busy });
  };
  await lose('drained', () => here.drain());
  t.ok(
    storm.every(({ closes }) => closes.every((code) => code === 1012)),
    'a drain closes every socket with 1012',
  );
  await here.start();
  for (const one of storm) one.moveTo(here.url);
  opens += 1;
  await until(areBack(opens), backMsMax);
  await lose('killed', () => here.kill());

  await all.end();
  t.same(all.faults, [], 'whoever was connected to the other node stays so, and every post is taken');
  const heads = new Map<string, number>();
  for (const { conversation, agents } of places) {
    const asked = await openAsking(there.url, agents[0]?.token ?? '');
    heads.set(conversation, (await asked.ask('open', { conversation }))['conversations'][0].position);
    asked.end();
  }
  const hasAll = (): boolean => storm.every((one) => one.position === heads.get(one.conversation));
  await until(hasAll, 30_000).catch(() => undefined);
  t.equal(
    storm.filter((one) => one.position !== heads.get(one.conversation)).length,
    0,
    'nobody missed anything',
  );
  t.same(faults.slice(0, 20), [], 'and nothing came twice');
  provePace(t, paces);
});

/** Seconds of processor time that a node has used. */
async function cpuOf(node: { readonly url: string }): Promise<number> {
  return summed(await metricsOf(node), 'process_cpu_seconds_total');
}

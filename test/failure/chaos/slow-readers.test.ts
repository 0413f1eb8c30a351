/**
 * Readers that stop reading, or take a kilobyte in a second, in every socket API, while large messages come. They are
 * closed; nobody else waits for them. Runs alone: it needs both cores, and a few GB for the buffers of the kernel.
 */
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { limits } from '../../../src/domain/limits.ts';
import { type Asking, openAsking } from '../../kit/chaos/actors/asking-socket.ts';
import {
  type IdleReader,
  openIdleOnNats,
  openIdlePoller,
  openIdleReader,
  readerKinds,
} from '../../kit/chaos/actors/idle-readers.ts';
import { Load } from '../../kit/chaos/actors/load.ts';
import { observeOverSocket } from '../../kit/chaos/actors/observers.ts';
import { type Deployment, openDeployment } from '../../kit/chaos/faults/deployment.ts';
import { rounds } from '../../kit/chaos/faults/rounds.ts';
import { backToLevel, heldBytes } from '../../kit/chaos/proofs/memory.ts';
import { metricsOf, summed } from '../../kit/chaos/proofs/metrics.ts';
import { paceOf } from '../../kit/chaos/proofs/pace.ts';
import type { ServerFrame } from '../../kit/clients/native-client.ts';

t.setTimeout(900_000);

const idleMany = 500;
const perKind = 20;
const trickling = 20;
const largeBytes = 128 * 1024;
/** What the kernel takes for a socket that does not read is far less than all of them. */
const largeMessages = 200;
/** Beside outboxes: pieces of the heap that were not collected yet, sockets, caches. */
const slackBytes = 512 * 1024 * 1024;

const metric = async (node: { readonly url: string }, name: string): Promise<number> =>
  summed(await metricsOf(node), name);

/** Posts large messages, and how long each took to the reader that reads. */
async function postLarge(writer: Asking, reader: LargeReader, conversation: string): Promise<number[]> {
  const waitsMs: number[] = [];
  for (let number = 0; number < largeMessages; number += 1) {
    const beganMs = performance.now();
    const reply = await writer.ask('post', { conversation, content: 'x'.repeat(largeBytes) }, 60_000);
    if (reply['ok'] !== true) throw new Error(JSON.stringify(reply));
    waitsMs.push((await reader.at(reply['position'])) - beganMs);
  }
  return waitsMs;
}

type LargeReader = { at(position: number): Promise<number>; end(): void };

/** Reads a conversation, and tells when a position came (performance.now()). */
async function openLargeReader(url: string, token: string, conversation: string): Promise<LargeReader> {
  const came = new Map<number, number>();
  const waiting = new Map<number, (atMs: number) => void>();
  const socket = await openAsking(url, token, ({ ev }: ServerFrame) => {
    if (ev === undefined) return;
    came.set(ev.position, performance.now());
    waiting.get(ev.position)?.(performance.now());
  });
  await socket.ask('open', { conversation });
  return {
    async at(position) {
      const known = came.get(position);
      if (known !== undefined) return known;
      return new Promise((resolve) => waiting.set(position, resolve));
    },
    end: () => socket.end(),
  };
}

/** The largest resident size of a node, looked at until `stop()`. */
function watchMemory(node: { readonly url: string }): { stop(): Promise<number> } {
  let largest = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      largest = Math.max(largest, await metric(node, 'process_resident_memory_bytes'));
      await delay(250);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await watching;
      return largest;
    },
  };
}

/** Everybody who is idle, of every kind, on the first node. */
async function openIdle(t: Test, { nodes, broker }: Deployment, load: Load): Promise<IdleReader[]> {
  const [node = { url: '' }] = nodes;
  const [conversation = ''] = load.conversations;
  const { agents, service } = load.cast;
  const person = { id: load.cast.ownerId, token: load.cast.ownerToken };
  const idle: IdleReader[] = [];
  for (const kind of readerKinds) {
    const count = kind === 'native' ? idleMany : perKind;
    for (let index = 0; index < count; index += 1) {
      // Vero is for people.
      const who = kind === 'Vero' ? person : (agents[index % agents.length] ?? person);
      const one = await openIdleReader(t, kind, node, who, conversation);
      // At once: what hundreds of them read is read in this process.
      one.stopReading();
      idle.push(one);
    }
  }
  for (let index = 0; index < perKind; index += 1) await openIdlePoller(node, agents[0] ?? person);
  for (let index = 0; index < 5; index += 1) await openIdleOnNats(t, broker.url, service);
  return idle;
}

t.test('500 of them and some of every kind, on a busy conversation of large messages', async (t) => {
  const deployment = await openDeployment(t);
  const [node, other = { url: '' }] = deployment.nodes;
  if (node === undefined) throw new Error('no node');
  const load = await Load.begin(t, deployment, { senders: 6, natsSenders: 1, observers: 2, restMs: 50 });
  const [conversation = ''] = load.conversations;
  const { ownerToken, agents } = load.cast;
  await load.more(100);
  const writer = await openAsking(other.url, ownerToken);
  const reader = await openLargeReader(node.url, ownerToken, conversation);
  const level = await heldBytes(node);
  await rounds(async (round) => {
    const idle = await openIdle(t, deployment, load);
    const [who] = agents;
    const resuming = Array.from({ length: 10 }, (_, index) => {
      if (who === undefined) throw new Error('no agent');
      return observeOverSocket(`resuming ${round}.${index}`, who, [node.url], load.conversations);
    });
    load.observers.push(...resuming);
    await load.more(100);
    for (const one of resuming) one.pause();
    const trickle = setInterval(() => {
      for (const one of idle.slice(0, trickling)) one.readSome(1_024);
    }, 1_000);
    t.teardown(() => clearInterval(trickle));
    const before = await metric(node, 'parley_slow_consumers_total');
    const restingBytes = await metric(node, 'process_resident_memory_bytes');
    const memory = watchMemory(node);
    const beganMs = performance.now();
    const waitsMs = await postLarge(writer, reader, conversation);
    const pace = paceOf(waitsMs, performance.now() - beganMs);
    const largest = await memory.stop();
    t.comment(
      `round ${round}: ${pace.perSecond} large posts/s, delivered within ${pace.p99Ms} ms (p99), ${Math.round(largest / 1_048_576)} MB at most`,
    );
    t.ok(pace.p99Ms < 2_000, 'who reads does not wait for those that do not');
    t.ok(
      largest < restingBytes + limits.outboxesBytesMax + limits.outboxesLingeringBytesMax + slackBytes,
      `memory is bounded: ${Math.round((largest - restingBytes) / 1_048_576)} MB more`,
    );
    const closed = async (): Promise<number> => (await metric(node, 'parley_slow_consumers_total')) - before;
    t.ok((await closed()) >= idleMany, `${await closed()} were closed`);
    clearInterval(trickle);
    for (const one of [...idle, ...resuming]) 'resume' in one ? one.resume() : one.readOn();
    const codes = await Promise.all(idle.map(({ ended }) => ended));
    for (const [index, code] of codes.slice(0, idleMany).entries())
      if (code !== null && code !== 4408) t.same(code, 4408, `reader ${index} is told why, or nothing`);
    t.ok(codes.filter((code) => code === 4408).length > 0, 'and who reads on is told 4408');
  }, 1);
  for (const one of load.observers) t.equal(one.faults.length, 0, `${one.name} missed nothing`);
  reader.end();
  writer.end();
  await load.prove(t);
  await backToLevel(t, node, level);
});

t.test('what is volatile is dropped first, and what is not comes when it is read', async (t) => {
  const deployment = await openDeployment(t, { nodes: 1 });
  const [node = { url: '' }] = deployment.nodes;
  const load = await Load.begin(t, deployment, { senders: 2, natsSenders: 0, observers: 1, restMs: 50 });
  const [conversation = ''] = load.conversations;
  const { ownerToken, agents } = load.cast;
  const [first, second] = agents;
  if (first === undefined || second === undefined) throw new Error('no agents');
  const pulses = { slow: 0, fast: 0 };
  const positions: number[] = [];
  const slow = await openAsking(node.url, first.token, ({ pulse, ev }) => {
    if (pulse?.kind === 'typing') pulses.slow += 1;
    if (ev !== undefined) positions.push(ev.position);
  });
  const fast = await openAsking(node.url, first.token, ({ pulse }) => {
    if (pulse?.kind === 'typing') pulses.fast += 1;
  });
  for (const socket of [slow, fast]) await socket.ask('open', { conversation });
  const writer = await openAsking(node.url, ownerToken);
  slow.socket.pause();
  let last = 0;
  // Until the kernel takes no more for it, and the node has to keep some.
  while ((await metric(node, 'parley_outbox_bytes')) < 4 * limits.outboxPulseBytesMax) {
    last = (await writer.ask('post', { conversation, content: 'y'.repeat(largeBytes) }))['position'];
  }
  for (let count = 0; count < 5; count += 1) {
    for (const state of ['start', 'stop'])
      writer.socket.send(JSON.stringify({ op: 'typing', conversation, state }));
  }
  while (pulses.fast === 0) await delay(20);
  slow.socket.resume();
  while ((positions.at(-1) ?? 0) < last) await delay(20);
  t.equal(pulses.slow, 0, 'no pulse waits for a slow reader');
  t.same(
    positions,
    positions.map((_, index) => (positions[0] ?? 0) + index),
    'every event came',
  );
  for (const socket of [slow, fast, writer]) socket.end();
  await load.prove(t);
});

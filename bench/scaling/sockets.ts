/** 1 to 20,000 sockets on one node: their memory, how fast they open, and what those that talk notice of the others. */
import { readFileSync } from 'node:fs';
import { type Accounts, makeAccounts } from '../kit/clients/accounts.ts';
import { createConversation } from '../kit/clients/conversation.ts';
import { nextLoopbackAddress } from '../kit/clients/loopback-addresses.ts';
import { type NativeClient, openNative } from '../kit/clients/native-client.ts';
import { openWebSocket } from '../kit/clients/web-socket.ts';
import { percentile } from '../kit/figures/samples.ts';
import { settledMemory } from '../kit/references/settled-memory.ts';
import { ScenarioContext } from '../kit/scenario.ts';
import { uuidV7 } from '../kit/uuid-v7.ts';
import { type Curve, type Measure, panelOf, type Row, type ScalingContext } from './curve.ts';
import { FanOutGroup } from './fan-out-group.ts';

const sizes = { full: [1, 100, 1_000, 5_000, 10_000, 20_000], quick: [1, 100, 1_000] } as const;
const openingAtOnce = 50;
const warmUpCount = 500;
const activeCount = 100;
/** Sockets of one of many conversations. */
const groupSize = 100;
/** Fewer are lost in what the process allocates anyway. */
const memoryCountMin = 1_000;
/** Files of a process that are not sockets of this bench: servers, stores, active sockets. */
const filesBeside = 600;

export const socketsCurve: Measure = {
  name: 'sockets',
  async run(scaling): Promise<Curve> {
    const { stack } = scaling;
    const parley = await stack.parley();
    const accounts = await makeAccounts(parley);
    const most = Math.min(filesOf(process.pid), filesOf(parley.pid)) - filesBeside;
    const wanted = sizes[scaling.isQuick ? 'quick' : 'full'];
    const counts = [...new Set(wanted.map((count) => Math.min(count, most)))];
    const notes = [
      'All sockets are in one process with the load; every reader got every post once and in order.',
    ];
    if (most < wanted.at(-1)!) {
      notes.push(
        `A process may open ${most + filesBeside} files here (ulimit -n), so ${most.toLocaleString('en-US')} sockets stand where ${wanted.at(-1)!.toLocaleString('en-US')} were meant; raise the hard limit to measure more.`,
      );
      scaling.say(notes.at(-1)!);
    }
    const rows = await measureSockets(scaling, accounts, counts);
    const x = { column: 'sockets', label: 'sockets', scale: 'log' } as const;
    return {
      title: `One node with 1 to ${counts.at(-1)!.toLocaleString('en-US')} sockets`,
      rows,
      panels: [
        panelOf('memory', rows, x, { label: 'KB a socket' }, { kilobytesPerSocket: 'resident' }),
        panelOf('opening', rows, x, { label: 'sockets/s' }, { openedPerSec: 'opened' }),
        panelOf(
          `${activeCount} sockets post, one in flight each, the others are idle`,
          rows,
          x,
          { label: 'ms' },
          {
            ackP50Ms: 'ack p50',
            ackP99Ms: 'ack p99',
          },
        ),
        panelOf(
          'fan-out, one post in flight in each conversation',
          rows,
          x,
          { label: 'deliveries/s' },
          {
            onePerSec: 'all in one conversation',
            manyPerSec: `${groupSize} in each`,
          },
        ),
      ],
      notes,
    };
  },
};

/** What the kernel lets a process open. */
function filesOf(pid: number): number {
  const found = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
  if (found === undefined) throw new Error('limits are read from /proc, which this system does not have');
  return Number(found);
}

async function measureSockets(
  { stack, roundMs, say }: ScalingContext,
  accounts: Accounts,
  counts: readonly number[],
): Promise<readonly Row[]> {
  const context = new ScenarioContext(stack, accounts, { roundMs, rounds: 1, warmUpRounds: 1 });
  const work = async (): Promise<readonly Row[]> => {
    const { pid } = await stack.parley();
    const crowd = new Crowd(context);
    const active = await openActive(context);
    await measureAcks(active, roundMs);
    await crowd.grow(warmUpCount);
    await crowd.leave();
    // Posting makes the heap grow, too: compared with the last step that is too small to be judged.
    let base = { memory: await settledMemory(pid), sockets: 0 };
    const rows: Row[] = [];
    for (const sockets of counts) {
      const [from, began] = [crowd.size, performance.now()];
      await crowd.grow(sockets);
      const openedPerSec = (sockets - from) / ((performance.now() - began) / 1_000);
      const memory = await settledMemory(pid);
      const acks = await measureAcks(active, roundMs);
      rows.push({
        sockets,
        nodeMB: memory / 1e6,
        openedPerSec,
        ackP50Ms: percentile(acks, 0.5),
        ackP99Ms: percentile(acks, 0.99),
        ...(sockets < memoryCountMin
          ? {}
          : { kilobytesPerSocket: (memory - base.memory) / (sockets - base.sockets) / 1_024 }),
      });
      if (sockets < memoryCountMin) base = { memory, sockets };
      say(`${sockets} sockets: open`);
    }
    const rates = await measureFanOut(context, crowd, counts, say);
    return rows.map((row, at) => ({ ...row, ...rates[at] }));
  };
  try {
    return await context.alarm.guard(work());
  } finally {
    await context.closers.closeAll();
  }
}

/** Sockets that say nothing until they are asked to follow a conversation. */
class Crowd {
  readonly #context: ScenarioContext;
  readonly #members: { client: NativeClient; onBytes: ((bytes: Buffer) => void) | undefined }[] = [];

  constructor(context: ScenarioContext) {
    this.#context = context;
    context.closers.add(() => this.leave());
  }

  get size(): number {
    return this.#members.length;
  }

  async grow(count: number): Promise<void> {
    let begun = this.size;
    const some = async (): Promise<void> => {
      while (begun < count) await this.#join(begun++);
    };
    await Promise.all(Array.from({ length: openingAtOnce }, some));
  }

  async leave(): Promise<void> {
    await Promise.all(this.#members.splice(0).map(({ client }) => client.close()));
  }

  /** Members from `from` to `to` follow `conversation`, and `take` sees its events; the place of one counts from `from`. */
  async follow(
    from: number,
    to: number,
    conversation: string,
    take: (reader: number, bytes: Buffer) => void,
  ): Promise<void> {
    let next = from;
    const some = async (): Promise<void> => {
      while (next < to) {
        const at = next++;
        const member = this.#members[at]!;
        member.onBytes = (bytes) => take(at, bytes);
        await member.client.request({ op: 'open', conversation });
      }
    };
    await Promise.all(Array.from({ length: openingAtOnce }, some));
  }

  async #join(n: number): Promise<void> {
    const { agents } = this.#context.accounts;
    const { socketUrl } = await this.#context.stack.parley();
    const member = { onBytes: undefined as ((bytes: Buffer) => void) | undefined };
    const pushes = {
      onBytes: (bytes: Buffer): boolean => {
        if (!bytes.subarray(0, eventPrefix.length).equals(eventPrefix)) return false;
        member.onBytes?.(bytes);
        return true;
      },
    };
    const localAddress = nextLoopbackAddress();
    const client = await openNative(
      socketUrl,
      agents[n % agents.length]!.key,
      pushes,
      (error) => this.#context.alarm.ring(error),
      (options) => openWebSocket({ ...options, localAddress }),
    );
    this.#members.push(Object.assign(member, { client }));
  }
}

const eventPrefix = Buffer.from('{"ev":');

type Active = { readonly client: NativeClient; readonly conversation: string; posted: number };

async function openActive(context: ScenarioContext): Promise<readonly Active[]> {
  const active: Active[] = [];
  for (const { key } of context.accounts.agents.slice(0, activeCount)) {
    const client = await context.open(key);
    active.push({ client, conversation: await createConversation(client, 'active', []), posted: 0 });
  }
  return active;
}

/** Milliseconds of each acknowledgement; seqs must be gap-free. */
async function measureAcks(active: readonly Active[], forMs: number): Promise<readonly number[]> {
  const latencies: number[] = [];
  const endAt = performance.now() + forMs;
  const postUntil = async (one: Active): Promise<void> => {
    for (let sentAt = performance.now(); sentAt < endAt; sentAt = performance.now()) {
      const post = { op: 'post', conversation: one.conversation, content: 'active', client_id: uuidV7() };
      const { seq } = await one.client.request<{ seq: number }>(post);
      one.posted += 1;
      if (seq !== one.posted) throw new Error(`post ${one.posted} got seq ${seq}`);
      latencies.push(performance.now() - sentAt);
    }
  };
  await Promise.all(active.map(postUntil));
  return latencies;
}

/** Sizes ascend, and whoever follows goes on doing so: first each hundred its own conversation, then all one. */
async function measureFanOut(
  context: ScenarioContext,
  crowd: Crowd,
  counts: readonly number[],
  say: (line: string) => void,
): Promise<readonly Row[]> {
  const { roundMs } = context.pace;
  const rates: Row[] = counts.map(() => ({}));
  const groups: FanOutGroup[] = [];
  let grouped = 0;
  for (const [at, count] of counts.entries()) {
    for (; grouped + groupSize <= count; grouped += groupSize) {
      const group = await FanOutGroup.open(context);
      const first = grouped;
      await crowd.follow(first, first + groupSize, group.conversation, (reader, bytes) =>
        group.take(reader - first, bytes),
      );
      group.readers = groupSize;
      groups.push(group);
    }
    if (groups.length === 0) continue;
    rates[at] = { ...rates[at], manyPerSec: await FanOutGroup.measure(groups, roundMs) };
  }
  say('fan-out in many conversations: done');
  const all = await FanOutGroup.open(context);
  for (const [at, count] of counts.entries()) {
    await crowd.follow(all.readers, count, all.conversation, (reader, bytes) => all.take(reader, bytes));
    all.readers = count;
    rates[at] = { ...rates[at], onePerSec: await FanOutGroup.measure([all], roundMs) };
  }
  return rates;
}

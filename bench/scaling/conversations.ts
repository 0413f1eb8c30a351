/** 1,000 to 1,000,000 conversations: what a loaded one takes in a node, what all of them take in NATS and PostgreSQL. */
import pg from 'pg';
import { limits } from '../../src/domain/limits.ts';
import { type Accounts, makeAccounts } from '../kit/clients/accounts.ts';
import { createConversation } from '../kit/clients/conversation.ts';
import type { NativeClient } from '../kit/clients/native-client.ts';
import { openProjectionLag } from '../kit/figures/projection-lag.ts';
import { percentile } from '../kit/figures/samples.ts';
import { databaseUrl } from '../kit/loaded-messages.ts';
import { residentMemory, settledMemory } from '../kit/references/settled-memory.ts';
import { ScenarioContext } from '../kit/scenario.ts';
import { uuidV7 } from '../kit/uuid-v7.ts';

import { type Curve, type Measure, panelOf, type Row, type ScalingContext } from './curve.ts';
import { openSeeder, type Seeder } from './seed-conversations.ts';

const sizes = { full: [1_000, 10_000, 100_000, 1_000_000], quick: [1_000, 10_000] } as const;
/** Loaded before memory is read, so that code, pools and caches are there already. */
const warmUpCount = 500;
const coldCount = 200;
const checkedCount = 20;
const loadingAtOnce = 64;
/** Beyond the bound of the cache: each load makes room for itself. */
const beyondCount = 20_000;
const projectedMsMax = 600_000;
/** What a check posts; nothing else is in any of them. */
const firstText = 'the first';

type Posted = { readonly data: { readonly content: string } };

export const conversationsCurve: Measure = {
  name: 'conversations',
  async run(scaling): Promise<Curve> {
    const { stack, closers } = scaling;
    const accounts = await makeAccounts(await stack.parley());
    const context = new ScenarioContext(stack, accounts, {
      roundMs: scaling.roundMs,
      rounds: 1,
      warmUpRounds: 0,
    });
    const pattern = await createConversation(await context.open(accounts.agents[0]!.key), 'one of many', []);
    const seeder = await openSeeder(stack.natsAddress, accounts.agents, pattern);
    closers.add(() => seeder.close());
    await context.closers.closeAll();
    const rows: Row[] = [];
    for (const count of sizes[scaling.isQuick ? 'quick' : 'full']) {
      rows.push(await measureCount(scaling, accounts, seeder, count));
      scaling.say(`${count} conversations: done`);
    }
    const x = { column: 'conversations', label: 'conversations', scale: 'log' } as const;
    return {
      title: 'Parley with 1,000 to 1,000,000 conversations',
      rows,
      panels: [
        panelOf(
          'memory of a loaded conversation in the node',
          rows,
          x,
          { label: 'bytes' },
          { bytesPerLoaded: 'resident' },
        ),
        panelOf(
          'nats-server',
          rows,
          x,
          { label: 'MB', scale: 'log' },
          { natsMB: 'resident memory', streamsMB: 'streams on disk' },
        ),
        panelOf('PostgreSQL', rows, x, { label: 'MB', scale: 'log' }, { postgresMB: 'database' }),
        panelOf(
          'appends of new conversations',
          rows,
          x,
          { label: 'a second' },
          { appendsPerSec: 'raw appends', projectedPerSec: 'projected' },
        ),
        panelOf('loading a cold one', rows, x, { label: 'ms' }, { coldP50Ms: 'p50', coldP99Ms: 'p99' }),
      ],
      notes: [
        `A node keeps at most ${limits.conversationsCachedMax.toLocaleString('en-US')} conversations (limits.conversationsCachedMax): larger sizes load that many, then ${beyondCount.toLocaleString('en-US')} more, each of which makes room for itself (beyond… columns).`,
        `Creation events were appended straight to the streams; GET of ${checkedCount} of each size answers them, a post to each is its first message.`,
        'Below 10,000 conversations the memory of one is lost in what the process allocates anyway.',
      ],
    };
  },
};

async function measureCount(
  { stack, say, roundMs }: ScalingContext,
  accounts: Accounts,
  seeder: Seeder,
  count: number,
): Promise<Row> {
  const seeded = await seed(stack.natsAddress, seeder, count);
  say(`${count} conversations: in the log and projected`);
  const parley = await stack.freshParley();
  const context = new ScenarioContext(stack, accounts, { roundMs, rounds: 1, warmUpRounds: 0 });
  try {
    const clients: NativeClient[] = [];
    for (const { key } of accounts.agents) clients.push(await context.open(key));
    const loader = new Loader(seeder, clients);
    await loader.load(0, warmUpCount);
    const coldMs = await loader.loadInTurn(warmUpCount, coldCount);
    const loaded = warmUpCount + coldCount;
    const before = await settledMemory(parley.pid);
    const cached = Math.min(count, limits.conversationsCachedMax - 1);
    const began = performance.now();
    await loader.load(loaded, cached - loaded);
    const loadsPerSec = (cached - loaded) / ((performance.now() - began) / 1_000);
    const after = await settledMemory(parley.pid);
    await expectCached(parley.url, cached);
    const beyond = count > cached + beyondCount ? await loadBeyond(loader, parley, cached) : {};
    await check(parley.url, accounts, seeder, clients);
    const { bytes, subjects } = await seeder.stored();
    return {
      conversations: count,
      ...seeded,
      natsMB: residentMemory(stack.natsPid) / 1e6,
      streamsMB: bytes / 1e6,
      subjects,
      postgresMB: (await databaseBytes(stack.dataDir)) / 1e6,
      coldP50Ms: percentile(coldMs, 0.5),
      coldP99Ms: percentile(coldMs, 0.99),
      loaded: cached,
      loadsPerSec,
      nodeMB: after / 1e6,
      bytesPerLoaded: (after - before) / (cached - loaded),
      ...beyond,
    };
  } finally {
    await context.closers.closeAll();
  }
}

/** Appends, and waits until PostgreSQL has them. */
async function seed(
  nats: ScalingContext['stack']['natsAddress'],
  seeder: Seeder,
  count: number,
): Promise<Row> {
  const missing = count - seeder.conversations.length;
  const lag = await openProjectionLag(nats);
  try {
    const began = performance.now();
    const appendsPerSec = await seeder.fill(count);
    await lag.watch().caughtUp(projectedMsMax);
    return { appendsPerSec, projectedPerSec: missing / ((performance.now() - began) / 1_000) };
  } finally {
    await lag.close();
  }
}

/** Asks for the newest messages of conversations, by their owners: this loads them. */
class Loader {
  readonly #seeder: Seeder;
  readonly #clients: readonly NativeClient[];

  constructor(seeder: Seeder, clients: readonly NativeClient[]) {
    this.#seeder = seeder;
    this.#clients = clients;
  }

  async load(from: number, count: number): Promise<void> {
    let next = from;
    const some = async (): Promise<void> => {
      while (next < from + count) await this.#ask(next++);
    };
    await Promise.all(Array.from({ length: loadingAtOnce }, some));
  }

  /** Milliseconds of each. */
  async loadInTurn(from: number, count: number): Promise<readonly number[]> {
    const tookMs: number[] = [];
    for (let n = from; n < from + count; n += 1) {
      const sentAt = performance.now();
      await this.#ask(n);
      tookMs.push(performance.now() - sentAt);
    }
    return tookMs;
  }

  async #ask(n: number): Promise<void> {
    const conversation = this.#seeder.conversations[n]!;
    const client = this.#clients[n % this.#clients.length]!;
    const { events } = await client.request<{ events: readonly Posted[] }>({
      op: 'history',
      conversation,
      limit: 1,
    });
    if (events.some(({ data }) => data.content !== firstText))
      throw new Error(`${conversation} has messages that nobody posted`);
  }
}

async function loadBeyond(
  loader: Loader,
  parley: { readonly pid: number; readonly url: string },
  cached: number,
): Promise<Row> {
  const began = performance.now();
  await loader.load(cached, beyondCount);
  const perSec = beyondCount / ((performance.now() - began) / 1_000);
  const reloadMs = await loader.loadInTurn(1_000, coldCount);
  await expectCached(parley.url, limits.conversationsCachedMax);
  return {
    beyondLoadsPerSec: perSec,
    beyondNodeMB: (await settledMemory(parley.pid)) / 1e6,
    beyondReloadP50Ms: percentile(reloadMs, 0.5),
  };
}

/** Conversations in memory, by the node's own count: `least` and not more than the bound. */
async function expectCached(url: string, least: number): Promise<void> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const cached = Number(/^parley_conversations_cached(?:\{[^}]*\})? (\d+)/m.exec(metrics)?.[1]);
  if (cached >= least && cached <= limits.conversationsCachedMax) return;
  throw new Error(`${cached} conversations in memory, ${least} were loaded`);
}

/** What was appended past the nodes is a log like any other. */
async function check(
  url: string,
  accounts: Accounts,
  seeder: Seeder,
  clients: readonly NativeClient[],
): Promise<void> {
  const { conversations } = seeder;
  const step = Math.floor(conversations.length / checkedCount);
  for (let n = step - 1; n < conversations.length; n += step) {
    const [id, agent] = [conversations[n]!, accounts.agents[n % accounts.agents.length]!];
    const response = await fetch(`${url}/api/conversations/${id}`, { headers: { 'x-api-key': agent.key } });
    const body = (await response.json()) as { id?: string; name?: string };
    if (response.status !== 200 || body.id !== id || body.name !== 'one of many')
      throw new Error(`GET ${id}: ${response.status} ${JSON.stringify(body)}`);
    const post = { op: 'post', conversation: id, content: firstText, client_id: uuidV7() };
    await clients[n % clients.length]!.request(post);
    const { events } = await clients[n % clients.length]!.request<{
      events: { data: { content: string } }[];
    }>({
      op: 'history',
      conversation: id,
      limit: 5,
    });
    if (events.at(-1)?.data.content !== firstText) throw new Error(`${id} has not what was posted to it`);
  }
}

async function databaseBytes(dataDir: string): Promise<number> {
  const client = new pg.Client({ connectionString: await databaseUrl(dataDir) });
  await client.connect();
  try {
    const { rows } = await client.query<{ bytes: string }>(
      'select pg_database_size(current_database()) as bytes',
    );
    return Number(rows[0]!.bytes);
  } finally {
    await client.end();
  }
}

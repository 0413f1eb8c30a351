/** `parley serve --workers` 1, 2 and 4: posts through sockets and REST, and fan-out, with what each process takes. */
import { openPostgres } from '../../src/adapters/embedded/postgres-server.ts';
import { type Accounts, makeAccounts } from '../kit/clients/accounts.ts';
import { parleyChatSide } from '../kit/clients/chat-side.ts';
import { createConversation } from '../kit/clients/conversation.ts';
import { FanOutCheck } from '../kit/clients/fan-out-load.ts';
import { HttpPosters } from '../kit/clients/http-posters.ts';
import type { NativeClient } from '../kit/clients/native-client.ts';
import { PostedNumbers } from '../kit/figures/posted-numbers.ts';
import { stampedText } from '../kit/figures/stamped-text.ts';
import { cpuOf, descendantsCpuMs } from '../kit/references/process-usage.ts';
import { ScenarioContext } from '../kit/scenario.ts';
import { uuidV7 } from '../kit/uuid-v7.ts';
import { fanOutText, openFanOut, readerCount } from '../scenarios/fan-out.ts';
import { type Curve, type Measure, panelOf, type Row, type ScalingContext } from './curve.ts';

const sizes = { full: [1, 2, 4], quick: [1, 2] } as const;
const posterCount = 64;
const fanOutInFlight = 8;
/** Every worker has some twenty connections. */
const postgresSettings = { max_connections: '400' };

export const workersCurve: Measure = {
  name: 'workers',
  async run(scaling): Promise<Curve> {
    const { stack, closers } = scaling;
    const postgres = await openPostgres({ dataDir: stack.dataDir, settings: postgresSettings });
    closers.add(() => postgres.close());
    let accounts: Accounts | undefined;
    const rows: Row[] = [];
    for (const workers of sizes[scaling.isQuick ? 'quick' : 'full']) {
      const parley = await stack.freshParley({ workers, databaseUrl: postgres.url });
      accounts ??= await makeAccounts(parley);
      rows.push(await measureWorkers(scaling, accounts, workers, postgres.pid));
      scaling.say(`workers ${workers}: done`);
    }
    const x = { column: 'workers', label: 'workers' };
    return {
      title: 'Parley with 1, 2 and 4 workers on this machine',
      rows,
      panels: [
        panelOf(
          'posts',
          rows,
          x,
          { label: 'posts/s' },
          { socketPostsPerSec: 'sockets', restPostsPerSec: 'REST' },
        ),
        panelOf('fan-out 1:200', rows, x, { label: 'deliveries/s' }, { deliveriesPerSec: 'deliveries' }),
        panelOf(
          'processor time of a post by socket',
          rows,
          x,
          { label: 'µs' },
          {
            socketParleyUs: 'Parley',
            socketNatsUs: 'nats-server',
            socketPostgresUs: 'PostgreSQL',
            socketLoadUs: 'load generator',
          },
        ),
      ],
      notes: [
        'Load generator, nats-server and PostgreSQL share the cores with the workers: more workers than cores cannot be quicker here; what this shows is what sharing costs, and that nothing gets lost by it.',
        'Every post was acknowledged once, REST answers are gap-free, every reader got every post once and in order.',
      ],
    };
  },
};

async function measureWorkers(
  { stack, roundMs, isQuick }: ScalingContext,
  accounts: Accounts,
  workers: number,
  postgresPid: number,
): Promise<Row> {
  const pace = { roundMs, rounds: 1, warmUpRounds: isQuick ? 1 : 2 };
  const context = new ScenarioContext(stack, accounts, pace);
  const { pid } = await stack.parley();
  const used = usageOf({
    Load: () => cpuOf(process.pid)() ?? 0,
    Parley: () => (cpuOf(pid)() ?? 0) + (descendantsCpuMs(pid) ?? 0),
    Nats: () => cpuOf(stack.natsPid)() ?? 0,
    Postgres: () => (cpuOf(postgresPid)() ?? 0) + (descendantsCpuMs(postgresPid) ?? 0),
  });
  try {
    const loads = {
      socket: await openSocketPosts(context),
      rest: await openRestPosts(context),
      fanOut: await openDeliveries(context),
    };
    let row: Row = { workers };
    for (const [name, load] of Object.entries(loads)) {
      await context.alarm.guard(context.warmUp(load.round));
      const before = load.count();
      const stop = used();
      const perSec = await context.alarm.guard(load.round());
      const shares = stop(load.count() - before);
      row = { ...row, [load.column]: perSec };
      for (const [of, us] of Object.entries(shares)) row = { ...row, [`${name}${of}Us`]: us };
    }
    return row;
  } finally {
    await context.closers.closeAll();
  }
}

type Load = {
  readonly column: string;
  readonly round: () => Promise<number>;
  readonly count: () => number;
};

/** Microseconds of processor time for each operation. */
function usageOf(readers: Readonly<Record<string, () => number>>) {
  return () => {
    const before = Object.entries(readers).map(([name, read]) => [name, read, read()] as const);
    return (count: number): Row =>
      Object.fromEntries(before.map(([name, read, start]) => [name, ((read() - start) / count) * 1_000]));
  };
}

type SocketPoster = { readonly client: NativeClient; readonly conversation: string; posted: number };

/** A hundred sockets with a conversation each, one post in flight. */
async function openSocketPosts(context: ScenarioContext): Promise<Load> {
  const posters: SocketPoster[] = [];
  for (const { key } of context.accounts.agents) {
    const client = await context.open(key);
    posters.push({ client, conversation: await createConversation(client, 'workers', []), posted: 0 });
  }
  let count = 0;
  return {
    column: 'socketPostsPerSec',
    count: () => count,
    async round() {
      const before = count;
      const began = performance.now();
      const postUntil = async (poster: SocketPoster): Promise<void> => {
        while (performance.now() < began + context.pace.roundMs) {
          const { client, conversation } = poster;
          const post = { op: 'post', conversation, content: stampedText(count), client_id: uuidV7() };
          const { seq } = await client.request<{ seq: number }>(post);
          poster.posted += 1;
          if (seq !== poster.posted) throw new Error(`post ${poster.posted} got seq ${seq}`);
          count += 1;
        }
      };
      await Promise.all(posters.map(postUntil));
      return (count - before) / ((performance.now() - began) / 1_000);
    },
  };
}

/** 64 connections in 16 conversations. */
async function openRestPosts(context: ScenarioContext): Promise<Load> {
  const side = parleyChatSide((await context.stack.parley()).url, context.accounts);
  const conversations: string[] = [];
  for (let n = 0; n < 16; n += 1)
    conversations.push(await side.owner.createGroup(`workers ${n}`, side.users.slice(0, posterCount)));
  const conversationOf = (index: number): string => conversations[index % conversations.length]!;
  const posted = new PostedNumbers(conversations);
  const posters = await HttpPosters.open({
    url: side.url,
    connections: posterCount,
    path: (index) => `/api/conversations/${conversationOf(index)}/messages`,
    headers: side.headers,
    body: (number) => `{"content":"${stampedText(number)}"}`,
    onCreated: (index, sent, answer) => posted.created(conversationOf(index), sent, answer),
  });
  context.closers.add(() => posters.close());
  return {
    column: 'restPostsPerSec',
    count: () => posted.total,
    round: async () => (await posters.run(context.pace.roundMs)).perSec,
  };
}

async function openDeliveries(context: ScenarioContext): Promise<Load> {
  const check = new FanOutCheck(readerCount, fanOutText);
  const measure = await openFanOut(context, check);
  return {
    column: 'deliveriesPerSec',
    count: () => check.delivered,
    round: () => measure(fanOutInFlight),
  };
}

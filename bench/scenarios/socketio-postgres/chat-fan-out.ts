/** One conversation with 200 Socket.IO readers, one post in flight: Parley beside a Socket.IO and PostgreSQL server. */
import type { ChatSide } from '../../kit/clients/chat-side.ts';
import { openEventClient } from '../../kit/clients/event-client.ts';
import { type FannedOut, FanOutCheck } from '../../kit/clients/fan-out-load.ts';
import { usualText } from '../../kit/figures/event-sample.ts';
import { relativeFigure } from '../../kit/figures/figure.ts';
import { interleave } from '../../kit/figures/rounds.ts';
import { cpuOf, watchProcesses } from '../../kit/references/process-usage.ts';
import type { Scenario, ScenarioContext } from '../../kit/scenario.ts';
import { chatName, openChatSides } from './sides.ts';

const readerCount = 200;
const userCount = 50;

const text = (n: number): string => `${usualText} ${n}`;

export const chatFanOut: Scenario = {
  name: 'chat-fan-out',
  async run(context) {
    const { parley, peer, unsynced, cpu } = await openChatSides(context);
    const ours = await openRoom(context, parley);
    const theirs = await openRoom(context, peer);
    const hasty = await openRoom(context, unsynced);
    await context.warmUp(ours.round);
    for (const room of [theirs, hasty]) await room.round();
    const unsyncedPerSec = await hasty.round();
    const watched = await context.watched(ours.round, () => ours.check.delivered);
    let theirShares = '';
    const theirRound = async (): Promise<number> => {
      const before = theirs.check.delivered;
      const usage = watchProcesses({ load: cpuOf(process.pid), ...cpu });
      const perSec = await theirs.round();
      theirShares = usage.stop(theirs.check.delivered - before);
      return perSec;
    };
    const rounds = await interleave(context.pace.rounds, theirRound, watched.round);
    return [
      relativeFigure(
        {
          name: 'chat-fan-out',
          what: `Socket.IO fan-out 1:${readerCount}, one post in flight: deliveries/s`,
          unit: 'per_sec',
          target: { kind: 'min', must: 1, worth: 2 },
          checked: `${ours.check.delivered} deliveries here and ${theirs.check.delivered} there: every reader got every post once, in order, texts equal`,
          notes: `${watched.shares()}; the other ${theirShares}; with synchronous_commit off ${Math.round(unsyncedPerSec)}/s`,
        },
        chatName,
        rounds,
      ),
    ];
  },
};

type Room = { readonly check: FanOutCheck; readonly round: () => Promise<number> };

async function openRoom(context: ScenarioContext, side: ChatSide): Promise<Room> {
  const conversation = await side.owner.createGroup('fan-out', side.users.slice(0, 1 + userCount));
  const check = new FanOutCheck(readerCount, text, readRow);
  const open = async (index: number, onEvent: (bytes: Buffer) => void) => {
    const client = await openEventClient(side.url, side.auth(index), onEvent, (error) =>
      context.alarm.ring(error),
    );
    context.closers.add(() => client.close());
    return client;
  };
  for (let reader = 0; reader < readerCount; reader += 1) {
    const client = await open(1 + (reader % userCount), (bytes) => {
      if (bytes.compare(newsPrefix, 0, newsPrefix.length, 0, newsPrefix.length) === 0)
        check.take(reader, bytes);
    });
    await client.request('join:conversation', conversation);
  }
  const poster = await open(0, () => undefined);
  return {
    check,
    round: () =>
      check.run(context.pace.roundMs, 1, (n) => {
        const sent = poster.request('message:send', { conversationId: conversation, content: text(n) });
        sent.catch((error: unknown) => context.alarm.ring(error));
      }),
  };
}

const newsPrefix = Buffer.from('["message:new",');

function readRow(bytes: Buffer): FannedOut {
  const [, row] = JSON.parse(bytes.toString('utf8')) as [string, { sequence: number; content: string }];
  return { position: row.sequence, content: row.content };
}

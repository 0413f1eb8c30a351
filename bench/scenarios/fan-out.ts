/** One conversation with 200 readers: deliveries a second against a bare topic publish of frames as large. */
import { createConversation } from '../kit/clients/conversation.ts';
import { FanOutCheck } from '../kit/clients/fan-out-load.ts';
import { openWebSocket } from '../kit/clients/web-socket.ts';
import { eventJson, usualText } from '../kit/figures/event-sample.ts';
import { relativeFigure } from '../kit/figures/figure.ts';
import { interleave } from '../kit/figures/rounds.ts';
import { cpuOf, watchProcesses } from '../kit/references/process-usage.ts';
import type { Scenario, ScenarioContext } from '../kit/scenario.ts';
import { uuidV7 } from '../kit/uuid-v7.ts';
import type { PublishReady } from '../references/topic-publish.ts';

export const readerCount = 200;
const principalCount = 50;
/**
 * Posts under way at once. Judged with one: then each publish, bare or ours, is one write to each reader.
 * With more, a bare publish joins those that one read brought into one write, and the ratio would say how
 * posts bunch and not what a delivery costs; the notes tell that rate too.
 */
const judgedInFlight = 1;
const notedInFlight = 8;
const eventPrefix = Buffer.from('{"ev":');

type Measure = (inFlight: number) => Promise<number>;

export const fanOutText = (n: number): string => `${usualText} ${n}`;

export const fanOut: Scenario = {
  name: 'fan-out',
  async run(context) {
    const check = new FanOutCheck(readerCount, fanOutText);
    const measureReference = await openReference(context);
    const measureParley = await openFanOut(context, check);
    const [noted, notedReference] = [
      await measureParley(notedInFlight),
      await measureReference.run(notedInFlight),
    ];
    const watched = await context.watched(
      () => measureParley(judgedInFlight),
      () => check.delivered,
    );
    const rounds = await interleave(
      context.pace.rounds,
      () => measureReference.run(judgedInFlight),
      watched.round,
    );
    return [
      relativeFigure(
        {
          name: 'fan-out',
          what: `fan-out 1:${readerCount}, one post in flight: deliveries/s`,
          unit: 'per_sec',
          target: { kind: 'min', must: 0.5, worth: 0.8 },
          checked: `${check.delivered} deliveries: every reader got every post once, in order, texts equal`,
          parleyMicros: watched.parleyMicros(),
          notes:
            `${notedInFlight} in flight: ${Math.round(noted)}/s, reference ${Math.round(notedReference)}/s; ` +
            `${watched.shares()}; reference alone: ${measureReference.shares()}`,
        },
        '(c) bare topic publish 1:200',
        rounds,
      ),
    ];
  },
};

/** 200 readers of one conversation; what is answered posts for a round and tells deliveries a second. */
export async function openFanOut(context: ScenarioContext, check: FanOutCheck): Promise<Measure> {
  const agents = context.accounts.agents.slice(1, 1 + principalCount);
  const poster = await context.open(context.accounts.agents[0]!.key);
  const participants = agents.map((agent) => ({ id: agent.id, kind: 'agent' as const }));
  const conversation = await createConversation(poster, 'fan-out', participants);
  for (let reader = 0; reader < readerCount; reader += 1) {
    const client = await context.open(agents[reader % principalCount]!.key, {
      onBytes: (bytes) => {
        if (bytes.compare(eventPrefix, 0, eventPrefix.length, 0, eventPrefix.length) !== 0) return false;
        check.take(reader, bytes);
        return true;
      },
    });
    await client.request({ op: 'open', conversation });
  }
  let acked = 0;
  return async (inFlight) => {
    const acks: Promise<unknown>[] = [];
    const perSec = await check.run(context.pace.roundMs, inFlight, (n) => {
      acks.push(poster.request({ op: 'post', conversation, content: fanOutText(n), client_id: uuidV7() }));
    });
    acked += (await Promise.all(acks)).length;
    if (acked * readerCount !== check.delivered)
      throw new Error(`${acked} posts, ${check.delivered} deliveries`);
    return perSec;
  };
}

async function openReference(context: ScenarioContext): Promise<{ run: Measure; shares(): string }> {
  const { ready, pid } = await context.stack.reference<PublishReady>('topic-publish');
  const check = new FanOutCheck(readerCount, fanOutText);
  for (let reader = 0; reader < readerCount; reader += 1) {
    const socket = await openWebSocket({
      url: `${ready.url}/reader`,
      onText: (bytes) => {
        try {
          check.take(reader, bytes);
        } catch (error) {
          context.alarm.ring(error);
        }
      },
    });
    context.closers.add(() => socket.close());
  }
  const poster = await openWebSocket({ url: `${ready.url}/poster`, onText: () => undefined });
  context.closers.add(() => poster.close());
  let shares = '';
  return {
    shares: () => shares,
    async run(inFlight) {
      const before = check.delivered;
      const usage = watchProcesses({ load: cpuOf(process.pid), publish: cpuOf(pid) });
      const perSec = await check.run(context.pace.roundMs, inFlight, (n) => {
        poster.send(`{"ev":${eventJson(n, fanOutText(n))}}`);
      });
      shares = usage.stop(check.delivered - before);
      return perSec;
    },
  };
}

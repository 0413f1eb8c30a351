/** From `message:send` of one socket to `message:new` at another, one in flight: Parley beside Socket.IO and PostgreSQL. */
import type { ChatSide } from '../../kit/clients/chat-side.ts';
import { type EventClient, openEventClient } from '../../kit/clients/event-client.ts';
import { AcknowledgedTexts } from '../../kit/figures/acknowledged-texts.ts';
import { relativeFigure } from '../../kit/figures/figure.ts';
import { interleave } from '../../kit/figures/rounds.ts';
import { median, percentile } from '../../kit/figures/samples.ts';
import { stampedText } from '../../kit/figures/stamped-text.ts';
import type { Scenario, ScenarioContext } from '../../kit/scenario.ts';
import { within } from '../../kit/wait.ts';
import { chatName, openChatSides } from './sides.ts';

const arrivalMsMax = 20_000;

type Samples = { readonly deliveryMs: number[]; readonly ackMs: number[] };

export const chatSocket: Scenario = {
  name: 'chat-socket',
  async run(context) {
    const { parley, peer, unsynced } = await openChatSides(context);
    const ours = await Pair.open(context, parley);
    const theirs = await Pair.open(context, peer);
    const hasty = await Pair.open(context, unsynced);
    const measured = { ours: [] as Samples[], theirs: [] as Samples[] };
    const round = async (pair: Pair, into: Samples[]): Promise<number> => {
      const samples = await pair.round(context.pace.roundMs);
      into.push(samples);
      return percentile(samples.deliveryMs, 0.5);
    };
    await context.warmUp(() => ours.round(context.pace.roundMs));
    for (const pair of [theirs, hasty]) await pair.round(context.pace.roundMs);
    const unsyncedMs = await round(hasty, []);
    const watched = await context.watched(
      () => round(ours, measured.ours),
      () => ours.count,
    );
    const rounds = await interleave(context.pace.rounds, () => round(theirs, measured.theirs), watched.round);
    for (const pair of [ours, theirs, hasty]) await pair.prove();
    return [
      relativeFigure(
        {
          name: 'chat-socket',
          what: 'Socket.IO message to its peer, one in flight: p50',
          unit: 'ms',
          target: { kind: 'max', must: 1, worth: 0.7 },
          checked: `${ours.count} messages here and ${theirs.count} there, in turn at the peer; all of them in GET, each once`,
          notes:
            `${told(measured.ours)}; the other ${told(measured.theirs)}, ` +
            `with synchronous_commit off p50 ${unsyncedMs.toFixed(2)} ms; ${watched.shares()}`,
        },
        chatName,
        rounds,
      ),
    ];
  },
};

function told(rounds: readonly Samples[]): string {
  const of = (pick: (one: Samples) => number[], part: number): string =>
    median(rounds.map((one) => percentile(pick(one), part))).toFixed(2);
  return `p99 ${of((one) => one.deliveryMs, 0.99)} ms, ack p50 ${of((one) => one.ackMs, 0.5)} ms, p99 ${of((one) => one.ackMs, 0.99)} ms`;
}

/** Two sockets in one conversation of a server. */
class Pair {
  readonly #side: ChatSide;
  readonly #conversation: string;
  readonly #acknowledged = new AcknowledgedTexts();
  #from: EventClient | undefined;
  #awaited: (text: string) => void = () => undefined;
  #number = 0;

  private constructor(side: ChatSide, conversation: string) {
    this.#side = side;
    this.#conversation = conversation;
  }

  static async open(context: ScenarioContext, side: ChatSide): Promise<Pair> {
    const pair = new Pair(side, await side.owner.createGroup('sockets', side.users.slice(0, 2)));
    const open = async (index: number, onEvent: (bytes: Buffer) => void): Promise<EventClient> => {
      const client = await openEventClient(side.url, side.auth(index), onEvent, (error) =>
        context.alarm.ring(error),
      );
      context.closers.add(() => client.close());
      await client.request('join:conversation', pair.#conversation);
      return client;
    };
    await open(1, (bytes) => pair.#arrived(bytes));
    pair.#from = await open(0, () => undefined);
    return pair;
  }

  get count(): number {
    return this.#acknowledged.count;
  }

  async round(forMs: number): Promise<Samples> {
    const samples: Samples = { deliveryMs: [], ackMs: [] };
    const began = performance.now();
    while (performance.now() < began + forMs) await this.#send(samples);
    return samples;
  }

  /** What was acknowledged is what GET answers. */
  async prove(): Promise<void> {
    const messages = await this.#side.owner.readAll(this.#conversation);
    this.#acknowledged.expect(
      this.#side.url,
      messages.map(({ content }) => content),
    );
  }

  async #send(samples: Samples): Promise<void> {
    this.#number += 1;
    const content = stampedText(this.#number);
    const sentAt = performance.now();
    let arrivedMs = 0;
    const arrived = new Promise<string>((resolve) => {
      this.#awaited = (text) => {
        arrivedMs = performance.now() - sentAt;
        resolve(text);
      };
    });
    const sending = this.#from!.request('message:send', { conversationId: this.#conversation, content });
    const acked = sending.then(() => samples.ackMs.push(performance.now() - sentAt));
    const [got] = await within('a message at its peer', arrivalMsMax, Promise.all([arrived, acked]));
    samples.deliveryMs.push(arrivedMs);
    if (got !== content) throw new Error(`the peer got ${got} instead of ${content}`);
    this.#acknowledged.acknowledged(content);
  }

  #arrived(bytes: Buffer): void {
    const [name, row] = JSON.parse(bytes.toString('utf8')) as [string, { content: string }];
    if (name === 'message:new') this.#awaited(row.content);
  }
}

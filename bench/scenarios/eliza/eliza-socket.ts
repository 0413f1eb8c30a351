/** From `message` of one socket.io-client to `messageBroadcast` at another, one in flight: Parley beside the real server. */
import { io, type Socket } from 'socket.io-client';
import { AcknowledgedTexts } from '../../kit/figures/acknowledged-texts.ts';
import { relativeFigure } from '../../kit/figures/figure.ts';
import { interleave } from '../../kit/figures/rounds.ts';
import { median, percentile } from '../../kit/figures/samples.ts';
import { stampedText } from '../../kit/figures/stamped-text.ts';
import type { Scenario, ScenarioContext } from '../../kit/scenario.ts';
import { within } from '../../kit/wait.ts';
import { author, companion, type OpenSide, openSides, realName } from './sides.ts';

const sender = author(0);
const peer = author(1);
/** `type` of a Socket.IO `message`. */
const roomJoining = 1;
const sendMessage = 2;
const answerMsMax = 20_000;

export const elizaSocket: Scenario = {
  name: 'eliza-socket',
  async run(context) {
    const { parley, real } = await openSides(context);
    const [ours, theirs] = [await Pair.open(context, parley), await Pair.open(context, real)];
    const p99s = { parley: [] as number[], real: [] as number[] };
    const round = async (pair: Pair, into: number[]): Promise<number> => {
      const samples = await pair.round(context.pace.roundMs);
      into.push(percentile(samples, 0.99));
      return percentile(samples, 0.5);
    };
    await context.warmUp(() => ours.round(context.pace.roundMs));
    await theirs.round(context.pace.roundMs);
    const watched = await context.watched(
      () => round(ours, p99s.parley),
      () => ours.count,
    );
    const rounds = await interleave(context.pace.rounds, () => round(theirs, p99s.real), watched.round);
    await ours.prove();
    await theirs.prove();
    return [
      relativeFigure(
        {
          name: 'eliza-socket',
          what: 'Socket.IO message to its peer, one in flight: p50',
          unit: 'ms',
          target: { kind: 'max', must: 0.5, worth: 0.35 },
          checked: `${ours.count} messages here and ${theirs.count} there, in turn at the peer; all of them in GET, each once`,
          notes: `p99 ${median(p99s.parley).toFixed(2)} ms, the real server ${median(p99s.real).toFixed(2)} ms; ${watched.shares()}`,
        },
        realName,
        rounds,
      ),
    ];
  },
};

/** Two sockets in one channel of a server. */
class Pair {
  readonly #side: OpenSide;
  readonly #channel: string;
  readonly #from: Socket;
  readonly #acknowledged = new AcknowledgedTexts();
  #awaited: (text: string) => void = () => undefined;
  #number = 0;

  private constructor(side: OpenSide, channel: string, from: Socket, to: Socket) {
    this.#side = side;
    this.#channel = channel;
    this.#from = from;
    to.on('messageBroadcast', ({ text }: { readonly text: string }) => this.#awaited(text));
  }

  static async open(context: ScenarioContext, side: OpenSide): Promise<Pair> {
    const channel = await side.client.createChannel('sockets', [sender, peer, companion]);
    const [from, to] = await Promise.all([
      connect(context, side, sender, channel),
      connect(context, side, peer, channel),
    ]);
    return new Pair(side, channel, from, to);
  }

  get count(): number {
    return this.#acknowledged.count;
  }

  /** How many milliseconds each message took to its peer; the next one is sent when that has it. */
  async round(forMs: number): Promise<readonly number[]> {
    const samples: number[] = [];
    const began = performance.now();
    const { messageServer } = this.#side.client;
    while (performance.now() < began + forMs) {
      this.#number += 1;
      const text = stampedText(this.#number);
      const payload = {
        channelId: this.#channel,
        roomId: this.#channel,
        messageServerId: messageServer,
        senderId: sender,
        senderName: 'bench',
        message: text,
      };
      const arrived = new Promise<string>((resolve) => {
        this.#awaited = resolve;
      });
      const sentAt = performance.now();
      this.#from.emit('message', { type: sendMessage, payload });
      const got = await within('a message at its peer', answerMsMax, arrived);
      samples.push(performance.now() - sentAt);
      if (got !== text) throw new Error(`the peer got ${got} instead of ${text}`);
      this.#acknowledged.acknowledged(text);
    }
    return samples;
  }

  /** What arrived is what GET answers. */
  async prove(): Promise<void> {
    const messages = await this.#side.client.readAll(this.#channel);
    this.#acknowledged.expect(
      this.#side.url,
      messages.map(({ content }) => content),
    );
  }
}

/** A socket that has joined; without polling, and one that is closed rings the alarm. */
async function connect(
  context: ScenarioContext,
  { url, key, client }: OpenSide,
  entityId: string,
  channel: string,
): Promise<Socket> {
  const socket = io(url, {
    transports: ['websocket'],
    auth: { entityId, apiKey: key },
    reconnection: false,
    forceNew: true,
  });
  let isClosing = false;
  context.closers.add(() => {
    isClosing = true;
    socket.disconnect();
  });
  socket.on('messageError', (error) => context.alarm.ring(new Error(JSON.stringify(error))));
  socket.on('disconnect', (reason) => {
    if (!isClosing) context.alarm.ring(new Error(`a socket was disconnected: ${reason}`));
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  const joined = new Promise<void>((resolve) => {
    socket.once('channel_joined', () => resolve());
  });
  const payload = { channelId: channel, roomId: channel, entityId, messageServerId: client.messageServer };
  socket.emit('message', { type: roomJoining, payload });
  await within('a joined channel', answerMsMax, joined);
  return socket;
}

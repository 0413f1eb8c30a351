/** One conversation and those who follow it: each post must reach all of them, once and in order. */
import { createConversation } from '../kit/clients/conversation.ts';
import type { NativeClient, WireEvent } from '../kit/clients/native-client.ts';
import type { ScenarioContext } from '../kit/scenario.ts';
import { uuidV7 } from '../kit/uuid-v7.ts';
import { within } from '../kit/wait.ts';

const deliveryMsMax = 30_000;

export class FanOutGroup {
  readonly conversation: string;
  readonly #context: ScenarioContext;
  readonly #poster: NativeClient;
  /** Posts that each reader has of those since it follows. */
  readonly #got: number[] = [];
  /** The frame of the post under way, as its first reader got it: the others compare bytes. */
  #frame: Buffer | undefined;
  #posted = 0;
  #arrived = 0;
  #onComplete: () => void = () => undefined;
  /** Set when they follow, while nothing is under way. */
  readers = 0;

  private constructor(context: ScenarioContext, poster: NativeClient, conversation: string) {
    this.#context = context;
    this.#poster = poster;
    this.conversation = conversation;
  }

  /** Every agent takes part; the first one posts. */
  static async open(context: ScenarioContext): Promise<FanOutGroup> {
    const [first, ...others] = context.accounts.agents;
    const poster = await posterOf(context, first!.key);
    const participants = others.map(({ id }) => ({ id, kind: 'agent' as const }));
    return new FanOutGroup(context, poster, await createConversation(poster, 'crowd', participants));
  }

  /** One post in flight in each for `forMs`; deliveries a second over all. */
  static async measure(groups: readonly FanOutGroup[], forMs: number): Promise<number> {
    const began = performance.now();
    const rounds = groups.map((group) => group.#postUntil(began + forMs));
    const delivered = (await Promise.all(rounds)).reduce((sum, count) => sum + count, 0);
    return delivered / ((performance.now() - began) / 1_000);
  }

  take(reader: number, bytes: Buffer): void {
    try {
      this.#take(reader, bytes);
    } catch (error) {
      this.#context.alarm.ring(error);
    }
  }

  #take(reader: number, bytes: Buffer): void {
    if (this.#frame === undefined) {
      const { ev } = JSON.parse(bytes.toString('utf8')) as { ev: WireEvent };
      if (ev.conversation !== this.conversation || ev.data.content !== this.#text())
        throw new Error(`a reader got ${bytes.toString('utf8', 0, 300)}`);
      this.#frame = Buffer.from(bytes);
    } else if (!this.#frame.equals(bytes)) throw new Error(`reader ${reader} got another frame than others`);
    if (this.#got[reader] === this.#posted)
      throw new Error(`reader ${reader} got post ${this.#posted} twice`);
    this.#got[reader] = this.#posted;
    this.#arrived += 1;
    if (this.#arrived === this.readers) this.#onComplete();
  }

  async #postUntil(endAt: number): Promise<number> {
    let delivered = 0;
    while (performance.now() < endAt) {
      this.#posted += 1;
      this.#arrived = 0;
      this.#frame = undefined;
      const complete = new Promise<void>((resolve) => {
        this.#onComplete = resolve;
      });
      const post = {
        op: 'post',
        conversation: this.conversation,
        content: this.#text(),
        client_id: uuidV7(),
      };
      const work = Promise.all([this.#poster.request(post), complete]);
      await within(`post ${this.#posted} at ${this.readers} readers`, deliveryMsMax, work);
      delivered += this.readers;
    }
    return delivered;
  }

  #text(): string {
    return `post ${this.#posted} of a crowd`;
  }
}

const posters = new WeakMap<ScenarioContext, Promise<NativeClient>>();

/** One socket posts in all of them. */
function posterOf(context: ScenarioContext, key: string): Promise<NativeClient> {
  const known = posters.get(context) ?? context.open(key);
  posters.set(context, known);
  return known;
}

/** One conversation with one poster and some readers, each of which must get every post once and in order. */
import { usualText } from '../../kit/figures/event-sample.ts';
import type { ScenarioContext } from '../../kit/scenario.ts';
import { within } from '../../kit/wait.ts';
import type { DirectAgent, DirectSide } from './sides.ts';

const deliveryMsMax = 20_000;

const text = (n: number): string => `${usualText} ${n}`;

export class DirectRoom {
  readonly #poster: DirectAgent;
  readonly #conversation: string;
  readonly #counts: number[];
  #onDelivery: () => void = () => undefined;
  /** Acknowledged. */
  posted = 0;
  delivered = 0;

  private constructor(poster: DirectAgent, conversation: string, readers: number) {
    this.#poster = poster;
    this.#conversation = conversation;
    this.#counts = new Array<number>(readers).fill(0);
  }

  /** Agents by number; a reader may be named twice and then has two connections. */
  static async open(
    context: ScenarioContext,
    side: DirectSide,
    poster: number,
    readers: readonly number[],
  ): Promise<DirectRoom> {
    const members = [poster, ...new Set(readers.filter((reader) => reader !== poster))];
    const conversation = await side.converse(members);
    const room = new DirectRoom(await side.open(poster), conversation, readers.length);
    for (const [index, reader] of readers.entries()) {
      const agent = await side.open(reader);
      await agent.follow(conversation, (content) => {
        try {
          room.#take(index, content);
        } catch (error) {
          context.alarm.ring(error);
        }
      });
    }
    return room;
  }

  /** Resolves when it is acknowledged: milliseconds since it was sent. */
  async post(): Promise<number> {
    const sentAt = performance.now();
    await this.#poster.post(this.#conversation, text(this.posted));
    this.posted += 1;
    return performance.now() - sentAt;
  }

  /** The same, and milliseconds until every reader had it. */
  async postAndDeliver(): Promise<{ readonly ackMs: number; readonly deliveryMs: number }> {
    const sentAt = performance.now();
    const [ackMs, deliveryMs] = await Promise.all([
      this.post(),
      this.#deliveredAll(this.posted + 1).then(() => performance.now() - sentAt),
    ]);
    return { ackMs, deliveryMs };
  }

  /** Waits until every reader has everything that was acknowledged. */
  async complete(): Promise<void> {
    await this.#deliveredAll(this.posted);
    if (this.delivered !== this.posted * this.#counts.length)
      throw new Error(`${this.posted} posts, ${this.delivered} deliveries`);
  }

  #deliveredAll(posts: number): Promise<void> {
    const wanted = posts * this.#counts.length;
    const all = new Promise<void>((resolve) => {
      this.#onDelivery = () => {
        if (this.delivered >= wanted) resolve();
      };
      this.#onDelivery();
    });
    return within('every post at every reader', deliveryMsMax, all);
  }

  #take(reader: number, content: string): void {
    const n = this.#counts[reader]!;
    if (content !== text(n)) throw new Error(`reader ${reader} got ${content} as post ${n}`);
    this.#counts[reader] = n + 1;
    this.delivered += 1;
    this.#onDelivery();
  }
}

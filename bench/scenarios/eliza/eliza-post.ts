/** POST to a channel with 16 requests in flight, each poster in a channel of its own: Parley beside the real server. */
import { HttpPosters, type PostingResult } from '../../kit/clients/http-posters.ts';
import { nextLoopbackAddress } from '../../kit/clients/loopback-addresses.ts';
import { AcknowledgedTexts } from '../../kit/figures/acknowledged-texts.ts';
import { relativeFigure } from '../../kit/figures/figure.ts';
import { stampedText } from '../../kit/figures/stamped-text.ts';
import type { Scenario } from '../../kit/scenario.ts';
import { type MeasuredSide, ratesOf } from '../../kit/side-rates.ts';
import { author, companion, inFlight, type OpenSide, openSides, realName } from './sides.ts';

export const elizaPost: Scenario = {
  name: 'eliza-post',
  async run(context) {
    const { parley, real } = await openSides(context);
    const [ours, theirs] = [await Posting.open(parley), await Posting.open(real)];
    const { rounds, p50Ms, shares } = await ratesOf(context, ours, theirs);
    await ours.prove();
    await theirs.prove();
    return [
      relativeFigure(
        {
          name: 'eliza-post',
          what: `POST channel message, ${inFlight} in flight, ${inFlight} channels: req/s`,
          unit: 'per_sec',
          target: { kind: 'min', must: 15, worth: 25 },
          checked: `${ours.count} times 201 here and ${theirs.count} there; all of them in GET, each once, texts equal`,
          notes: `p50 ${p50Ms.parley.toFixed(1)} ms, the real server ${p50Ms.other.toFixed(1)} ms; ${shares()}`,
        },
        realName,
        rounds,
      ),
    ];
  },
};

/** One server, with its channels and what it acknowledged. */
class Posting implements MeasuredSide {
  readonly #side: OpenSide;
  readonly #channels: readonly string[];
  readonly #acknowledged: readonly AcknowledgedTexts[];
  #number = 0;

  private constructor(side: OpenSide, channels: readonly string[]) {
    this.#side = side;
    this.#channels = channels;
    this.#acknowledged = channels.map(() => new AcknowledgedTexts());
  }

  static async open(side: OpenSide): Promise<Posting> {
    const channels: string[] = [];
    for (let index = 0; index < inFlight; index += 1) {
      channels.push(await side.client.createChannel(`posts ${index}`, [author(index), companion]));
    }
    return new Posting(side, channels);
  }

  get count(): number {
    return this.#acknowledged.reduce((sum, { count }) => sum + count, 0);
  }

  async round(forMs: number): Promise<PostingResult> {
    const { url, key, client } = this.#side;
    const posters = await HttpPosters.open({
      url,
      connections: inFlight,
      path: (index) => `/api/messaging/channels/${this.#channels[index]}/messages`,
      headers: () => ({ 'x-api-key': key }),
      body: (_, index) =>
        `{"author_id":"${author(index)}","content":"${this.#nextText()}","message_server_id":"${client.messageServer}","transport":"websocket"}`,
      onCreated: (index, sent, answer) => {
        const text = contentOf(sent);
        if (contentOf(answer) !== text) throw new Error(`a post was answered with another text: ${answer}`);
        this.#acknowledged[index]!.acknowledged(text);
      },
      localAddress: nextLoopbackAddress,
    });
    try {
      return await posters.run(forMs);
    } finally {
      posters.close();
    }
  }

  /** What was acknowledged is what GET answers. */
  async prove(): Promise<void> {
    for (const [index, channel] of this.#channels.entries()) {
      const messages = await this.#side.client.readAll(channel);
      const texts = messages.map(({ content }) => content);
      this.#acknowledged[index]!.expect(`channel ${index} of ${this.#side.url}`, texts);
    }
  }

  #nextText(): string {
    this.#number += 1;
    return stampedText(this.#number);
  }
}

/** The texts of these benches need no escapes. */
function contentOf(json: string): string {
  const from = json.indexOf('"content":"') + 11;
  return json.slice(from, json.indexOf('"', from));
}

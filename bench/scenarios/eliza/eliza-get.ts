/** GET of the newest 50 messages of a channel with 16 requests in flight: Parley beside the real server. */
import type { ElizaMessage } from '../../kit/clients/eliza-client.ts';
import { HttpPosters, type PostingResult } from '../../kit/clients/http-posters.ts';
import { nextLoopbackAddress } from '../../kit/clients/loopback-addresses.ts';
import { usualText } from '../../kit/figures/event-sample.ts';
import { relativeFigure } from '../../kit/figures/figure.ts';
import type { Scenario } from '../../kit/scenario.ts';
import { type MeasuredSide, ratesOf } from '../../kit/side-rates.ts';
import { author, companion, inFlight, type OpenSide, openSides, realName } from './sides.ts';

const pageLength = 50;
const messageCount = 500;

const text = (n: number): string => `${usualText} ${n}`;

export const elizaGet: Scenario = {
  name: 'eliza-get',
  async run(context) {
    const { parley, real } = await openSides(context);
    const [ours, theirs] = [await Reading.open(parley), await Reading.open(real)];
    const { rounds, p50Ms, shares } = await ratesOf(context, ours, theirs);
    return [
      relativeFigure(
        {
          name: 'eliza-get',
          what: `GET last ${pageLength} messages of a channel, ${inFlight} in flight: req/s`,
          unit: 'per_sec',
          target: { kind: 'min', must: 15, worth: 25 },
          checked: `${ours.count} times 200 here and ${theirs.count} there with exactly the newest ${pageLength} of ${messageCount} messages`,
          notes:
            `${ours.kilobytes} KB each, p50 ${p50Ms.parley.toFixed(1)} ms, ` +
            `the real server ${theirs.kilobytes} KB, ${p50Ms.other.toFixed(1)} ms; ${shares()}`,
        },
        realName,
        rounds,
      ),
    ];
  },
};

/** One server, with a channel and the one answer that it may give. */
class Reading implements MeasuredSide {
  readonly #side: OpenSide;
  readonly #path: string;
  readonly #body: string;
  count = 0;

  private constructor(side: OpenSide, path: string, body: string) {
    this.#side = side;
    this.#path = path;
    this.#body = body;
  }

  static async open(side: OpenSide): Promise<Reading> {
    const path = `/api/messaging/channels/${await filledChannel(side)}/messages?limit=${pageLength}`;
    const response = await fetch(`${side.url}${path}`, { headers: { 'x-api-key': side.key } });
    const body = await response.text();
    expectNewest(body);
    return new Reading(side, path, body);
  }

  get kilobytes(): number {
    return Math.round(this.#body.length / 1_024);
  }

  async round(forMs: number): Promise<PostingResult> {
    const readers = await HttpPosters.open({
      url: this.#side.url,
      connections: inFlight,
      path: () => this.#path,
      headers: () => ({ 'x-api-key': this.#side.key }),
      reads: true,
      body: () => '',
      onCreated: (_index, _sent, answer) => {
        if (answer !== this.#body) throw new Error(`another page: ${answer.slice(0, 500)}`);
        this.count += 1;
      },
      localAddress: nextLoopbackAddress,
    });
    try {
      return await readers.run(forMs);
    } finally {
      readers.close();
    }
  }
}

/** A channel with messages 1, 2, 3… in this order. */
async function filledChannel(side: OpenSide): Promise<string> {
  const channel = await side.client.createChannel('history', [author(0), companion]);
  for (let n = 1; n <= messageCount; n += 1) {
    const response = await fetch(`${side.url}/api/messaging/channels/${channel}/messages`, {
      method: 'POST',
      headers: { 'x-api-key': side.key, 'content-type': 'application/json' },
      body: JSON.stringify({
        author_id: author(0),
        content: text(n),
        message_server_id: side.client.messageServer,
        transport: 'websocket',
      }),
    });
    if (response.status !== 201) throw new Error(`POST: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }
  return channel;
}

/** The answer must be the newest messages, newest first. */
function expectNewest(body: string): void {
  const { messages } = (JSON.parse(body) as { data: { messages: readonly ElizaMessage[] } }).data;
  const isRight =
    messages.length === pageLength &&
    messages.every(({ content }, index) => content === text(messageCount - index));
  if (!isRight) throw new Error(`GET messages does not answer the newest: ${body.slice(0, 500)}`);
}

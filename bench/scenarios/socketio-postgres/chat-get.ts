/** GET of the newest 50 messages with 16 requests in flight: Parley beside a Socket.IO and PostgreSQL server. */
import type { ChatSide } from '../../kit/clients/chat-side.ts';
import { HttpPosters, type PostingResult } from '../../kit/clients/http-posters.ts';
import { usualText } from '../../kit/figures/event-sample.ts';
import { relativeFigure } from '../../kit/figures/figure.ts';
import type { Scenario } from '../../kit/scenario.ts';
import { type MeasuredSide, ratesOf } from '../../kit/side-rates.ts';
import { chatName, openChatSides } from './sides.ts';

const pageLength = 50;
const messageCount = 500;
const inFlight = 16;

type Row = { readonly sequence: number; readonly content: string };

const text = (n: number): string => `${usualText} ${n}`;

export const chatGet: Scenario = {
  name: 'chat-get',
  async run(context) {
    const sides = await openChatSides(context);
    const [ours, theirs] = [await Reading.open(sides.parley), await Reading.open(sides.peer)];
    const { rounds, p50Ms, shares } = await ratesOf(context, ours, theirs);
    return [
      relativeFigure(
        {
          name: 'chat-get',
          what: `GET last ${pageLength} messages, ${inFlight} in flight: req/s`,
          unit: 'per_sec',
          target: { kind: 'min', must: 1, worth: 2 },
          checked: `${ours.count} times 200 here and ${theirs.count} there with exactly the newest ${pageLength} of ${messageCount} messages`,
          notes:
            `${ours.kilobytes} KB each, p50 ${p50Ms.parley.toFixed(1)} ms, ` +
            `the other ${theirs.kilobytes} KB, ${p50Ms.other.toFixed(1)} ms; ${shares()}`,
        },
        chatName,
        rounds,
      ),
    ];
  },
};

/** One server, with a conversation and the one answer that it may give. */
class Reading implements MeasuredSide {
  readonly #side: ChatSide;
  readonly #path: string;
  readonly #body: string;
  count = 0;

  private constructor(side: ChatSide, path: string, body: string) {
    this.#side = side;
    this.#path = path;
    this.#body = body;
  }

  static async open(side: ChatSide): Promise<Reading> {
    const conversation = await filledConversation(side);
    const path = `/api/conversations/${conversation}/messages?limit=${pageLength}&order=desc`;
    const response = await fetch(`${side.url}${path}`, { headers: side.headers(0) });
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
      headers: () => this.#side.headers(0),
      reads: true,
      body: () => '',
      onCreated: (_index, _sent, answer) => {
        if (answer !== this.#body) throw new Error(`another page: ${answer.slice(0, 500)}`);
        this.count += 1;
      },
    });
    try {
      return await readers.run(forMs);
    } finally {
      readers.close();
    }
  }
}

/** A conversation with messages 1, 2, 3… in this order. */
async function filledConversation(side: ChatSide): Promise<string> {
  const conversation = await side.owner.createGroup('history', [side.users[0]!]);
  for (let n = 1; n <= messageCount; n += 1) {
    const response = await fetch(`${side.url}/api/conversations/${conversation}/messages`, {
      method: 'POST',
      headers: { ...side.headers(0), 'content-type': 'application/json' },
      body: JSON.stringify({ content: text(n) }),
    });
    if (response.status !== 201) throw new Error(`POST: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
  }
  return conversation;
}

function expectNewest(body: string): void {
  const rows = JSON.parse(body) as readonly Row[];
  const isRight =
    rows.length === pageLength &&
    rows.every((row, index) => row.sequence === messageCount - index && row.content === text(row.sequence));
  if (!isRight) throw new Error(`GET messages does not answer the newest: ${body.slice(0, 500)}`);
}

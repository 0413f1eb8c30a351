/** autocannon reads the last 50 messages of a conversation that is loaded on the node: 32 connections. */
import { createConversation } from '../kit/clients/conversation.ts';
import { amountFor, type HttpLoad, loadHttp } from '../kit/clients/http-load.ts';
import { usualText } from '../kit/figures/event-sample.ts';
import { relativeFigure } from '../kit/figures/figure.ts';
import { interleave } from '../kit/figures/rounds.ts';
import { median } from '../kit/figures/samples.ts';
import { measureEcho } from '../kit/references/echo-reference.ts';
import type { Scenario } from '../kit/scenario.ts';
import { uuidV7 } from '../kit/uuid-v7.ts';

const pageLength = 50;
const messageCount = 500;
const connections = 32;

type Row = { readonly sequence: number; readonly content: string };

const text = (n: number): string => `${usualText} ${n}`;

export const getHistory: Scenario = {
  name: 'get-history',
  async run(context) {
    const { ownerToken } = context.accounts;
    const owner = await context.open(ownerToken);
    const conversation = await createConversation(owner, 'history', []);
    for (let n = 1; n <= messageCount; n += 1) {
      await owner.request({ op: 'post', conversation, content: text(n), client_id: uuidV7() });
    }
    const { url } = await context.stack.parley();
    const path = `/api/conversations/${conversation}/messages?limit=${pageLength}&order=desc`;
    const headers = { authorization: `Bearer ${ownerToken}` };
    const body = await (await fetch(`${url}${path}`, { headers })).text();
    expectNewest(body);
    const load: HttpLoad = {
      url,
      method: 'GET',
      headers,
      paths: [path],
      connections,
      status: 200,
      expectBody: body,
    };
    let { amount, spent: read } = await amountFor(load, context.pace.roundMs);
    const latencies: number[] = [];
    const watched = await context.watched(
      async () => {
        const result = await loadHttp(load, amount);
        read += result.requests;
        latencies.push(result.p50Ms);
        return result.perSec;
      },
      () => read,
    );
    const rounds = await interleave(context.pace.rounds, () => measureEcho(context, load), watched.round);
    return [
      relativeFigure(
        {
          name: 'get-history',
          what: `autocannon GET last ${pageLength} messages, ${connections} connections: req/s`,
          unit: 'per_sec',
          target: { kind: 'min', must: 0.1, worth: 0.25 },
          checked: `${read} times 200 with exactly the newest ${pageLength} messages`,
          parleyMicros: watched.parleyMicros(),
          notes: `${Math.round(body.length / 1_024)} KB each, p50 ${median(latencies)} ms; ${watched.shares()}`,
        },
        '(b) bare POST echo',
        rounds,
      ),
    ];
  },
};

/** The answer must be the newest messages, newest first. */
function expectNewest(body: string): void {
  const rows = JSON.parse(body) as readonly Row[];
  const isRight =
    rows.length === pageLength &&
    rows.every((row, index) => row.sequence === messageCount - index && row.content === text(row.sequence));
  if (!isRight)
    throw new Error(`GET messages does not answer the newest ${pageLength}: ${body.slice(0, 500)}`);
}

/** GET /v1/chat/messages/search over 1,000,000 messages of one tenant: rare, usual and common words, one at a time. */
import { absoluteFigure, type Figure } from '../kit/figures/figure.ts';
import { percentile } from '../kit/figures/samples.ts';
import { loadMessages } from '../kit/loaded-messages.ts';
import type { Scenario } from '../kit/scenario.ts';

const messages = 1_000_000;
const conversations = 4_000;
const pageLength = 20;

/** What is asked, and in how many of the messages it is found: the least that must come. */
const questions = [
  { q: 'needle', least: 1 },
  { q: 'seldom', least: pageLength },
  { q: 'usual', least: pageLength },
  { q: 'frequent', least: pageLength },
  { q: '"frequent phrase"', least: pageLength },
  { q: 'common', least: pageLength },
  { q: 'common frequent', least: pageLength },
  { q: 'common -frequent', least: pageLength },
  { q: 'usual or seldom', least: pageLength },
  { q: 'absentword', least: 0 },
] as const;

type Found = { readonly results: readonly { readonly message: { readonly created_at: string } }[] };

export const veroSearch: Scenario = {
  name: 'vero-search',
  async run({ stack, accounts, pace }) {
    const { url } = await stack.parley();
    const agent = accounts.agents[0];
    if (agent === undefined) throw new Error('no agent');
    const me = await fetch(`${url}/auth/me`, { headers: { authorization: `Bearer ${accounts.ownerToken}` } });
    const { tenant } = (await me.json()) as { readonly tenant: { readonly id: string } };
    await loadMessages(stack.dataDir, {
      ...{ tenant: tenant.id, conversations, messages },
      ...{ everywhere: accounts.ownerId, somewhere: agent.id },
    });
    const figures: Figure[] = [];
    for (const [who, token] of [
      ['all of 4,000 conversations', accounts.ownerToken],
      ['every tenth of them', agent.key],
    ] as const) {
      const all: number[] = [];
      const slowest: string[] = [];
      for (const { q, least } of questions) {
        const taken: number[] = [];
        for (let n = 0; n < 4 * (pace.warmUpRounds + pace.rounds); n += 1) {
          const began = performance.now();
          const found = await ask(url, token, q);
          if (n >= 4 * pace.warmUpRounds) taken.push(performance.now() - began);
          expectNewestFirst(q, found, who.startsWith('all') ? least : 0);
        }
        all.push(...taken);
        slowest.push(`${q} ${percentile(taken, 0.5).toFixed(1)}`);
      }
      figures.push(
        absoluteFigure(
          {
            name: 'vero-search',
            what: `p95 of search over ${messages} messages, a reader of ${who}`,
            unit: 'ms',
            target: { kind: 'max', must: 50, worth: 25 },
            checked: `${all.length} answers, each newest first`,
            notes: `p50 ${percentile(all, 0.5).toFixed(1)} ms; p50 of each: ${slowest.join(', ')}`,
          },
          percentile(all, 0.95),
        ),
      );
    }
    return figures;
  },
};

async function ask(url: string, token: string, q: string): Promise<Found> {
  const answer = await fetch(
    `${url}/v1/chat/messages/search?q=${encodeURIComponent(q)}&limit=${pageLength}`,
    {
      headers: { authorization: `Bearer ${token}` },
    },
  );
  if (answer.status !== 200) throw new Error(`search: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Found;
}

function expectNewestFirst(q: string, { results }: Found, least: number): void {
  const times = results.map(({ message }) => message.created_at);
  const isOrdered = times.every((time, at) => at === 0 || time <= (times[at - 1] ?? ''));
  if (results.length < least || !isOrdered) throw new Error(`${q}: ${results.length} results, ${times}`);
}

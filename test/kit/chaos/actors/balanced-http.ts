/**
 * Requests over kept connections behind a load balancer that looks at /readyz, as a team would have them: none is
 * sent again. Whatever fails is a fault.
 */
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Teardown } from '../../temporary.ts';

export type BalancedLoad = {
  /** Posts that were answered 201. */
  readonly posted: () => number;
  readonly faults: readonly string[];
  /** Ends it; resolves when the last request is answered. */
  end(): Promise<void>;
};

/** How often it looks: shorter than PARLEY_DRAIN_DELAY_MS must be. */
export const lookMs = 100;

/** `clients` clients that post into a conversation of Symbia's API, one request after another. */
export function postBalanced(
  t: Teardown,
  urls: readonly string[],
  {
    token,
    conversation,
    clients,
  }: { readonly token: string; readonly conversation: string; readonly clients: number },
): BalancedLoad {
  const agents = new Map(urls.map((url) => [url, new Agent({ keepAlive: true, maxSockets: clients })]));
  const ready = new Set(urls);
  const faults: string[] = [];
  let [posted, isOver] = [0, false];

  async function look(url: string): Promise<void> {
    while (!isOver) {
      const status = await ask(url, {
        method: 'GET',
        path: '/readyz',
        headers: { connection: 'close' },
      }).catch(() => 0);
      if (status === 200) ready.add(url);
      else ready.delete(url);
      await delay(lookMs);
    }
  }

  async function post(index: number): Promise<void> {
    for (let count = index; !isOver; count += 1) {
      const choice = [...ready];
      const url = choice[count % choice.length];
      if (url === undefined) faults.push('no node was ready');
      else {
        const what = await ask(
          url,
          {
            method: 'POST',
            path: `/api/conversations/${conversation}/messages`,
            headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
            agent: agents.get(url),
          },
          JSON.stringify({ content: `balanced ${index} ${count}` }),
        ).catch((error: unknown) => String(error));
        if (what === 201) posted += 1;
        else faults.push(`${url}: ${what}`);
      }
      await delay(10);
    }
  }

  const running = [...urls.map(look), ...Array.from({ length: clients }, (_, index) => post(index))];
  const end = async (): Promise<void> => {
    isOver = true;
    await Promise.all(running);
    for (const agent of agents.values()) agent.destroy();
  };
  t.teardown(end);
  return { posted: () => posted, faults, end };
}

function ask(url: string, options: object, body?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, timeout: 20_000 }, (response) => {
      response.on('error', reject).on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    sent.on('timeout', () => sent.destroy(new Error('not answered in time'))).on('error', reject);
    sent.end(body);
  });
}

/**
 * `node dist/bench/micro/poster-cost.js`: why symbia-sockets has posters of its own. A bare echo, posted to by
 * autocannon and by kit/clients/http-posters.ts, 16 and 64 connections with one request in flight each.
 */
import { type HttpLoad, loadHttp } from '../kit/clients/http-load.ts';
import { HttpPosters } from '../kit/clients/http-posters.ts';
import { stampedText } from '../kit/figures/stamped-text.ts';
import { startReference } from '../kit/reference-process.ts';
import { cpuOf, watchProcesses } from '../kit/references/process-usage.ts';
import type { EchoReady } from '../references/post-echo.ts';

const forMs = 3_000;

type Poster = (
  url: string,
  connections: number,
) => Promise<{ readonly posts: number; readonly perSec: number }>;

const posters: Readonly<Record<string, Poster>> = {
  autocannon: async (url, connections) => {
    const load: HttpLoad = {
      ...{ url, connections, method: 'POST', paths: ['/echo'], status: 201 },
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ content: stampedText(1) }),
    };
    const { perSec } = await loadHttp(load, connections * 100);
    const amount = Math.round((perSec * forMs) / 1_000);
    return { posts: amount + connections * 100, perSec: (await loadHttp(load, amount)).perSec };
  },
  own: async (url, connections) => {
    const posting = await HttpPosters.open({
      ...{ url, connections, path: () => '/echo', headers: () => ({}) },
      body: (number) => JSON.stringify({ content: stampedText(number) }),
      onCreated: (_, sent, answer) => {
        if (answer !== sent) throw new Error(`the echo answered ${answer}`);
      },
    });
    const result = await posting.run(forMs);
    posting.close();
    return result;
  },
};

const { ready, pid, close } = await startReference<EchoReady>('post-echo');
for (const connections of [16, 64]) {
  for (const [name, post] of Object.entries(posters)) {
    const usage = watchProcesses({ client: cpuOf(process.pid), server: cpuOf(pid) });
    const { posts, perSec } = await post(new URL(ready.url).origin, connections);
    const rate = Math.round(perSec).toLocaleString('en-US');
    console.log(`${name}, ${connections} connections: ${rate}/s; ${usage.stop(posts)}`);
  }
}
await close();

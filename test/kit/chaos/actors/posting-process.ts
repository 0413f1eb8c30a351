/** The process of `posting.ts`: posts as the plan says that it is sent first, until its parent disconnects. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { openAsking } from './asking-socket.ts';
import type { Poster, PostingNews, PostingPlan } from './posting.ts';

let isOver = false;
process.once('disconnect', () => {
  isOver = true;
  process.exit();
});

function tell(news: PostingNews): void {
  // The parent may be gone before this process hears of it.
  if (!isOver) process.send?.(news, undefined, undefined, () => undefined);
}

async function post({ url, everyMs }: PostingPlan, { token, conversation }: Poster): Promise<void> {
  const socket = await openAsking(url, token);
  void socket.ended.then((code) => tell({ fault: `a connected socket ended with ${code}` }));
  await delay(Math.random() * everyMs);
  for (let count = 1; ; count += 1) {
    const beganMs = performance.now();
    const reply = await socket.ask('post', { conversation, content: `number ${count}` }).catch(() => null);
    if (reply?.['ok'] === true) tell({ ms: performance.now() - beganMs });
    else tell({ fault: `a post was answered ${JSON.stringify(reply)}` });
    await delay(everyMs);
  }
}

const [plan] = (await once(process, 'message')) as [PostingPlan];
for (const poster of plan.posters)
  post(plan, poster).catch((error: unknown) => tell({ fault: `a poster failed: ${error}` }));

import { randomUUID } from 'node:crypto';
import t from 'tap';
import { openReplyStore } from '../../../src/adapters/postgres/replies/reply-store.ts';
import { openIdSource } from '../../../src/adapters/system/id-source.ts';
import { openStoredReplies } from '../../../src/core/replies/open-stored-replies.ts';
import { movableClock, openTestPools } from '../../kit/identity.ts';
import { person } from '../../kit/memory/memory-principals.ts';

t.test('a request that runs is not taken over by a node whose clock is an hour ahead', async (t) => {
  const { requests, sql } = await openTestPools(t);
  const tenant = randomUUID();
  await sql`insert into tenants (id, name) values (${tenant}, 'harbour')`.catch(() => undefined);
  const nodeWith = (aheadSec: number) => {
    const clock = movableClock();
    clock.move(aheadSec);
    const sealer = { sealText: () => Promise.reject(new Error('no secret')), opener: () => null as never };
    return openStoredReplies({ store: openReplyStore(requests), sealer, clock, ids: openIdSource() });
  };
  const request = {
    principal: { ...person('ada'), tenant },
    ...{ scope: 'POST /x', key: 'k', content: 'same', isSecret: false },
  };
  let runs = 0;
  let finish = (): void => undefined;
  const running = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const run = async () => {
    runs += 1;
    await running;
    return { status: 201, body: runs };
  };
  // Whoever comes first runs it.
  const answers = [0, 3_600, -3_600, 86_400 * 2].map((ahead) => nodeWith(ahead).once(request, run));
  setTimeout(finish, 300);
  const outcomes = await Promise.all(answers);
  for (const outcome of outcomes) t.match(outcome, { reply: { body: 1 } });
  t.same(outcomes.filter((outcome) => 'isReplay' in outcome && !outcome.isReplay).length, 1);
  t.equal(runs, 1);
});

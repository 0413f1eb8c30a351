import t from 'tap';
import type { CatchUp } from '../../../src/core/conversations/catch-up.ts';
import { openHeadCheck } from '../../../src/core/conversations/head-check.ts';
import { LoadedConversation } from '../../../src/core/conversations/loaded-conversation.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { freshRef, messageEntry } from '../../kit/log-entries.ts';

/** A leader that answers when the test says so, and a log that has what it names. */
function world() {
  const ref = freshRef();
  const conversation = new LoadedConversation(ref);
  const asked: ((head: number | Problem) => void)[] = [];
  const log = { head: () => new Promise<number | Problem>((resolve) => asked.push(resolve)) };
  const read = async (head: number): Promise<Problem | null> => {
    for (let position = conversation.state.position + 1; position <= head; position += 1)
      conversation.apply({ ...messageEntry(ref, position), logSeq: position });
    return null;
  };
  const catchUp: CatchUp = { toEnd: () => read(0), to: (_, head) => read(head) };
  const dropped: LoadedConversation[] = [];
  const check = openHeadCheck(log, catchUp, (one) => dropped.push(one));
  return { conversation, asked, dropped, check };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('a head that is known is the same; one that is not is caught up first', async (t) => {
  const { conversation, asked, check } = world();
  const first = check.confirm(conversation);
  asked[0]!(3);
  t.equal(await first, 'moved');
  t.equal(conversation.state.logSeq, 3);
  const second = check.confirm(conversation);
  asked[1]!(3);
  t.equal(await second, 'same');
});

t.test('who asks while one is under way waits for the next, which all of them share', async (t) => {
  const { conversation, asked, check } = world();
  const first = check.confirm(conversation);
  const later = [check.confirm(conversation), check.confirm(conversation), check.confirm(conversation)];
  let isEarly = false;
  void later[0]!.then(() => {
    isEarly = true;
  });
  t.equal(asked.length, 1);
  asked[0]!(1);
  t.equal(await first, 'moved');
  await turn();
  t.notOk(isEarly, 'an answer that set out before the question proves nothing');
  t.equal(asked.length, 2);
  asked[1]!(2);
  t.same(await Promise.all(later), ['moved', 'moved', 'moved']);
  const last = check.confirm(conversation);
  t.equal(asked.length, 3);
  asked[2]!(2);
  t.equal(await last, 'same');
});

t.test('a leader that is away is a problem for those who asked, not for the next', async (t) => {
  const { conversation, asked, check } = world();
  const answers = [check.confirm(conversation), check.confirm(conversation)];
  asked[0]!(new Problem('unavailable'));
  t.match(await answers[0], { code: 'unavailable' });
  await turn();
  asked[1]!(0);
  t.equal(await answers[1], 'same');
});

t.test('a log that ends before what is known was made anew', async (t) => {
  const { conversation, asked, dropped, check } = world();
  const first = check.confirm(conversation);
  asked[0]!(3);
  await first;
  const second = check.confirm(conversation);
  asked[1]!(2);
  t.match(await second, { code: 'unavailable' });
  t.same(dropped, [conversation]);
});

t.test('what the feed brings while the leader answers makes no other log of it', async (t) => {
  const { conversation, asked, dropped, check } = world();
  const answer = check.confirm(conversation);
  conversation.apply({ ...messageEntry(conversation.ref, 1), logSeq: 1 });
  asked[0]!(0);
  t.equal(await answer, 'same');
  t.same(dropped, []);
});

t.test('conversations do not wait for each other', async (t) => {
  const { conversation, asked, check } = world();
  const other = new LoadedConversation(freshRef());
  void check.confirm(conversation);
  const own = check.confirm(other);
  t.equal(asked.length, 2);
  asked[1]!(0);
  t.equal(await own, 'same');
});

t.test('more than may wait are refused at once', async (t) => {
  const { conversation, asked, check } = world();
  const waiting = Array.from({ length: limits.headChecksWaitingMax }, () => check.confirm(conversation));
  t.match(await check.confirm(conversation), { code: 'overloaded', overload: 'head_checks' });
  asked[0]!(0);
  t.equal(await waiting[0], 'same');
  t.equal(asked.length, 2, 'all others share the next one');
  asked[1]!(0);
  t.equal(new Set(await Promise.all(waiting)).size, 1);
});

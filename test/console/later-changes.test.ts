import t from 'tap';
import { LaterChanges } from '../../src/console/live/later-changes.ts';
import type { Requests } from '../../src/console/session/requests.ts';

const row = (rev: number, content_text: string): object => ({
  ...{ id: 'm1', seq_num: 1, content_text, edit_count: 1, is_deleted: false, rev, reactions: [] },
});

t.test('an answer that another one overtook changes nothing', async (t) => {
  const answers: ((page: object) => void)[] = [];
  const send = () => new Promise((resolve) => void answers.push(resolve));
  const later = new LaterChanges({ send } as unknown as Requests, 'c');
  const [page, one] = [later.read(1, 1), later.readOne(1)];
  answers[1]?.({ messages: [row(7, 'newest')], has_more: false });
  await one;
  answers[0]?.({ messages: [row(5, 'old')], has_more: false });
  await page;
  t.match(later.known.value.get('m1'), { position: 7, content: 'newest' });
  const next = later.readOne(1);
  answers[2]?.({ messages: [row(9, 'newer still')], has_more: false });
  await next;
  t.match(later.known.value.get('m1'), { position: 9, content: 'newer still' });
});

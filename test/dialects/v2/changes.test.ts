/** Many change one conversation at once: each is told what it made of it. */
import t from 'tap';
import { signUp, signUpInto } from '../../kit/clients/accounts.ts';
import { call } from '../../kit/clients/http-client.ts';
import { startTwoWholeNodes } from '../../kit/servers/two-whole-nodes.ts';

t.setTimeout(120_000);

const { one, two } = await startTwoWholeNodes(t);
const ada = await signUp(one, 'ada');
const ben = await signUpInto(one, ada, 'ben');
const path = '/api/v2/conversations';

t.test('twenty changes on two nodes are answered one by one, each later than the one before', async (t) => {
  const body = { organization_id: ada.tenant, subject: 'Harbour', participant_user_ids: [ben.id] };
  const made = await call(one, 'POST', path, { token: ada.token, body });
  const at = `${path}/${made.body.id}`;
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const [node, { token }] = index % 2 === 0 ? [one, ada] : [two, ben];
      const subject = `Harbour ${index}`;
      const changed = await call(node, 'PATCH', at, { token, body: { subject } });
      t.match(changed, {
        status: 200,
        body: { subject, status: 'active', created_at: made.body.created_at },
      });
      return changed.body as { readonly subject: string; readonly updated_at: string };
    }),
  );
  const inOrder = answers.toSorted((a, b) => (a.updated_at < b.updated_at ? -1 : 1));
  t.equal(new Set(inOrder.map(({ updated_at }) => updated_at)).size, 20);
  t.ok((inOrder[0]?.updated_at ?? '') > made.body.updated_at);
  const { updated_at, subject } = inOrder.at(-1) ?? {};
  const now = await call(one, 'GET', at, { token: ada.token });
  t.match(now.body, { updated_at, subject });
  const nothing = await call(two, 'PATCH', at, { token: ben.token, body: {} });
  t.match(nothing.body, { updated_at, subject });
});

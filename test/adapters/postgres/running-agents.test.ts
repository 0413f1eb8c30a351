import t from 'tap';
import { migrate } from '../../../src/adapters/postgres/migrate.ts';
import { openPool } from '../../../src/adapters/postgres/pool.ts';
import { openRunningAgents } from '../../../src/adapters/postgres/running-agents.ts';
import type { ConversationRef } from '../../../src/domain/event.ts';
import { silentLogger } from '../../kit/memory/silent-logger.ts';
import { answered } from '../../kit/projection.ts';
import { openOwner } from '../../kit/servers/owner.ts';
import { startPostgres } from '../../kit/servers/postgres.ts';

const { url } = await startPostgres(t);
await migrate(url, silentLogger());
const sql = openOwner(t, url);
const pool = openPool({ url, role: 'parley_projector', max: 1, log: silentLogger() });
t.teardown(() => pool.close());
const agents = openRunningAgents(pool);

await sql`insert into tenants (id, name, slug, created_us) values ('a', 'a', 'a', 1), ('b', 'b', 'b', 1)`;
await sql`
  insert into principals (tenant_id, id, kind, display_name, status, runs, created_us) values
    ('a', 'ann', 'user', 'Ann', 'active', false, 1), ('a', 'runs', 'agent', 'Runs', 'active', true, 1),
    ('a', 'not', 'agent', 'Not', 'active', false, 1), ('a', 'suspended', 'agent', 'S', 'suspended', true, 1),
    ('b', 'runs', 'agent', 'Runs', 'active', true, 1)`;

async function conversation(
  tenant: string,
  id: string,
  participants: readonly string[],
  more: { readonly control?: object; readonly service?: string; readonly left?: readonly string[] } = {},
): Promise<ConversationRef> {
  const { control = null, service = null, left = [] } = more;
  await sql`
    insert into conversations (tenant_id, conversation_id, service_id, status, type, control)
    values (${tenant}, ${id}, ${service}, 'open', 'group', ${control === null ? null : sql.json({ ...control })})`;
  for (const one of [...participants, ...left]) {
    const kind = one === 'ann' ? 'user' : 'agent';
    await sql`
      insert into participants (tenant_id, conversation_id, principal_id, active, kind, role, joined_us, joined_seq, position, role_position)
      values (${tenant}, ${id}, ${one}, ${!left.includes(one)}, ${kind}, 'member', 1, 0, 1, 1)`;
  }
  return { tenant, service, conversation: id };
}

t.test('agents that run, are active and take part are found, of each tenant its own', async (t) => {
  const all = await conversation('a', 'all', ['ann', 'runs', 'not', 'suspended', 'stranger']);
  const other = await conversation('b', 'all', ['runs'], { control: { floor: 'runs' }, service: 'billing' });
  const left = await conversation('a', 'left', ['ann'], { left: ['runs'] });
  const people = await conversation('a', 'people', ['ann']);
  const unknown = { tenant: 'a', service: null, conversation: 'unknown' };
  const found = answered(await agents.takingPart([all, other, left, people, unknown]));
  t.same(
    [...found].sort((one, two) => (one.ref.tenant < two.ref.tenant ? -1 : 1)),
    [
      { ref: all, agent: 'runs', type: 'group', floor: null },
      { ref: other, agent: 'runs', type: 'group', floor: 'runs' },
    ],
  );
});

t.test('of a deleted conversation nobody takes part', async (t) => {
  const gone = await conversation('a', 'gone', ['runs']);
  await sql`update conversations set status = 'deleted' where conversation_id = 'gone'`;
  t.same(await agents.takingPart([gone]), []);
});

t.test('a projector sees no more of principals than that', async (t) => {
  const answer = await pool.answering((own) => own`select display_name from principals`);
  t.match(answer, { code: 'internal' });
});

t.test('only an agent runs', async (t) => {
  await t.rejects(sql`update principals set runs = true where id = 'ann'`, /principals_runs_check/);
});

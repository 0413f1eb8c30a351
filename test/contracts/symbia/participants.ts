import type { Test } from 'tap';
import { Client, group, noConversation, refused, type SymbiaWorld, said, timestamp, uuid } from './world.ts';

export function participants(t: Test, world: SymbiaWorld): void {
  const { ada, ben, cleo, iris, hook, stranger } = world;
  const asAda = new Client(world, ada);
  const asBen = new Client(world, ben);
  const asCleo = new Client(world, cleo);

  const rolesIn = async (path: string): Promise<Record<string, string>> => {
    const { body } = await asAda.get(path);
    const rows = body.participants as { user_id: string; role: string }[];
    return Object.fromEntries(rows.map((one) => [one.user_id, one.role]));
  };

  t.test('a person of the organization joins a group, and a second time nothing changes', async (t) => {
    const path = await group(world);
    const joined = await asBen.post(`${path}/join`);
    t.match(joined, {
      status: 201,
      body: {
        id: uuid,
        user_id: ben.id,
        user_type: 'user',
        role: 'member',
        joined_at: timestamp,
        entity_id: null,
      },
    });
    t.same(said(await asBen.post(`${path}/join`)), said(joined));
  });

  t.test('joining never changes a role: an owner stays owner', async (t) => {
    const path = await group(world, ben);
    await asAda.patch(`${path}/participants/${ben.id}`, { role: 'admin' });
    t.match(await asAda.post(`${path}/join`), { status: 201, body: { role: 'owner' } });
    t.match(await asBen.post(`${path}/join`), { status: 201, body: { role: 'admin' } });
  });

  t.test('a private conversation and one of another organization cannot be joined', async (t) => {
    const { body } = await asAda.post('', { type: 'private', participants: [{ userId: cleo.id }] });
    t.match(await asBen.post(`/${body.id}/join`), noConversation);
    t.match(await asCleo.post(`/${body.id}/join`), refused(400, 'Cannot join a private conversation'));
    t.match(await new Client(world, stranger).post(`${await group(world)}/join`), noConversation);
  });

  t.test('members leave, the only owner does not', async (t) => {
    const path = await group(world, ben);
    t.same(said(await asBen.post(`${path}/leave`)), { status: 204, body: null });
    t.match(await asBen.post(`${path}/leave`), refused(404, 'Not a participant in this conversation'));
    t.match(await asBen.get(path), { status: 403 });
    const error = 'Owner cannot leave the conversation. Transfer ownership or delete it.';
    t.match(await asAda.post(`${path}/leave`), refused(400, error));
  });

  t.test('an owner hands over and leaves', async (t) => {
    const path = await group(world, ben);
    t.match(await asAda.patch(`${path}/participants/${ben.id}`, { role: 'owner' }), {
      status: 200,
      body: { user_id: ben.id, role: 'owner' },
    });
    t.match(await asAda.post(`${path}/leave`), { status: 204 });
    t.match(await asBen.delete(path), { status: 204 });
  });

  t.test('owner and admin add, members and outsiders do not', async (t) => {
    const path = await group(world, ben);
    t.match(
      await asBen.post(`${path}/participants`, { userId: cleo.id }),
      refused(403, 'Not authorized to add participants'),
    );
    t.match(await asCleo.post(`${path}/participants`, { userId: cleo.id }), noConversation);
    t.match(await asAda.post(`${path}/participants`, { userId: cleo.id }), {
      status: 201,
      body: { user_id: cleo.id, user_type: 'user', role: 'member' },
    });
    await asAda.patch(`${path}/participants/${ben.id}`, { role: 'admin' });
    t.match(await asBen.post(`${path}/participants`, { userId: 'x' }), { status: 201 });
  });

  t.test('adding again changes nothing, whatever role is asked for', async (t) => {
    const path = await group(world, ben);
    const first = await asAda.post(`${path}/participants`, { userId: ben.id });
    t.match(first, { status: 201, body: { role: 'member' } });
    t.same(said(await asAda.post(`${path}/participants`, { userId: ben.id, role: 'admin' })), said(first));
    t.match(await asAda.post(`${path}/participants`, { userId: ada.id }), {
      status: 201,
      body: { role: 'owner' },
    });
    t.match(await rolesIn(path), { [ada.id]: 'owner', [ben.id]: 'member' });
  });

  t.test('a role is honoured from owners and ignored from admins', async (t) => {
    const path = await group(world, ben);
    await asAda.patch(`${path}/participants/${ben.id}`, { role: 'admin' });
    t.match(await asAda.post(`${path}/participants`, { userId: cleo.id, role: 'admin' }), {
      body: { role: 'admin' },
    });
    t.match(await asBen.post(`${path}/participants`, { userId: 'x', role: 'owner' }), {
      status: 201,
      body: { role: 'member' },
    });
  });

  t.test(
    'what a participant is follows from the directory, else from what is said, else from its name',
    async (t) => {
      const path = await group(world);
      const typeOf = async (body: object): Promise<string> =>
        (await asAda.post(`${path}/participants`, body)).body.user_type;
      t.equal(await typeOf({ userId: iris.id, userType: 'user' }), 'agent');
      t.equal(await typeOf({ userId: hook.id }), 'agent');
      t.equal(await typeOf({ userId: cleo.id, userType: 'agent' }), 'user');
      t.equal(await typeOf({ userId: 'assistant:x' }), 'agent');
      t.equal(await typeOf({ userId: 'agent:x' }), 'agent');
      t.equal(await typeOf({ userId: 'assistant:y', userType: 'user' }), 'user');
      t.equal(await typeOf({ userId: 'somebody' }), 'user');
      t.equal(await typeOf({ userId: stranger.id }), 'user');
    },
  );

  t.test('what cannot be added is refused', async (t) => {
    const path = await group(world);
    for (const body of [{}, { userId: '' }, { userId: null }]) {
      t.match(await asAda.post(`${path}/participants`, body), refused(400, 'userId is required'));
    }
    for (const body of [
      { userId: 5 },
      { userId: {} },
      { userId: 'has space' },
      { userId: 'x'.repeat(256) },
      { userId: 'x', userType: 'bot' },
      { userId: 'x', role: 'king' },
    ]) {
      t.equal((await asAda.post(`${path}/participants`, body)).status, 400, JSON.stringify(body));
    }
  });

  t.test('any id can be removed, and the owner cannot', async (t) => {
    const path = await group(world, ben, cleo);
    await asAda.post(`${path}/participants`, { userId: 'assistant:x/y' });
    t.match(
      await asBen.delete(`${path}/participants/${cleo.id}`),
      refused(403, 'Not authorized to remove participants'),
    );
    t.match(await asAda.delete(`${path}/participants/assistant%3Ax%2Fy`), { status: 204 });
    t.match(await asAda.delete(`${path}/participants/${cleo.id.toUpperCase()}`), { status: 204 });
    t.match(await asAda.delete(`${path}/participants/${cleo.id}`), refused(404, 'Participant not found'));
    t.match(
      await asAda.delete(`${path}/participants/assistant:nobody`),
      refused(404, 'Participant not found'),
    );
    t.match(await asAda.delete(`${path}/participants/${ada.id}`), refused(400, 'Cannot remove the owner'));
    await asAda.patch(`${path}/participants/${ben.id}`, { role: 'admin' });
    t.match(await asBen.delete(`${path}/participants/${ada.id}`), refused(400, 'Cannot remove the owner'));
    t.match(await asBen.delete(`${path}/participants/${ben.id}`), { status: 204 });
    t.same(await rolesIn(path), { [ada.id]: 'owner' });
  });

  t.test('who was removed neither reads nor posts from that moment', async (t) => {
    const path = await group(world, ben);
    t.match(await asBen.post(`${path}/messages`, { content: 'in' }), { status: 201 });
    await asAda.delete(`${path}/participants/${ben.id}`);
    t.match(await asBen.post(`${path}/messages`, { content: 'out' }), { status: 403 });
    t.match(await asBen.get(`${path}/messages`), { status: 403 });
  });

  t.test('only owners change roles, and an owner remains', async (t) => {
    const path = await group(world, ben, cleo);
    await asAda.patch(`${path}/participants/${ben.id}`, { role: 'admin' });
    t.match(
      await asBen.patch(`${path}/participants/${cleo.id}`, { role: 'admin' }),
      refused(403, 'Only the owner can change roles'),
    );
    t.match(
      await asAda.patch(`${path}/participants/nobody`, { role: 'admin' }),
      refused(404, 'Participant not found'),
    );
    t.equal((await asAda.patch(`${path}/participants/${ada.id}`, { role: 'member' })).status, 409);
    for (const body of [{}, { role: 'king' }, { role: 5 }, { role: null }]) {
      t.equal((await asAda.patch(`${path}/participants/${ben.id}`, body)).status, 400);
    }
    t.match(await rolesIn(path), { [ada.id]: 'owner', [ben.id]: 'admin', [cleo.id]: 'member' });
  });
}

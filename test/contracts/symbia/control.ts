import { randomUUID } from 'node:crypto';
import type { Test } from 'tap';
import { Client, group, refused, type SymbiaWorld, said, timestamp, uuid } from './world.ts';

export function control(t: Test, world: SymbiaWorld): void {
  const { ada, ben, iris, juno, hook } = world;
  const asAda = new Client(world, ada);
  const asBen = new Client(world, ben);
  const asIris = new Client(world, iris);
  const asJuno = new Client(world, juno);

  t.test('a control event is a message row with its payload in the metadata', async (t) => {
    const path = await group(world, iris);
    const run = randomUUID();
    const { status, body } = await asAda.post(`${path}/control`, {
      event: 'stream.preempt',
      target: { principalId: iris.id, principalType: 'agent' },
      reason: 'enough',
      metadata: { a: 1, control: 'mine' },
      runId: run,
      traceId: 'trace-1',
      preemptedBy: 'somebody',
    });
    t.equal(status, 201);
    t.match(body, {
      id: uuid,
      sequence: 1,
      content: 'stream.preempt',
      content_type: 'event',
      priority: 'high',
      interruptible: false,
      run_id: run,
      trace_id: 'trace-1',
      preempted_by: 'somebody',
      created_at: timestamp,
    });
    t.same(body.metadata, {
      a: 1,
      control: {
        event: 'stream.preempt',
        conversationId: path.slice(1),
        target: { principalId: iris.id, principalType: 'agent' },
        reason: 'enough',
        preemptedBy: 'somebody',
        runId: run,
        traceId: 'trace-1',
        effectiveAt: body.created_at,
      },
    });
    t.same(said(await asAda.get(`${path}/messages`)), { status: 200, body: [body] });
  });

  t.test('it needs participation, then the scope', async (t) => {
    const path = await group(world, ben, iris);
    const forbidden = refused(403, 'Not authorized to send control events');
    for (const event of ['stream.pause', 'stream.resume', 'stream.preempt', 'stream.route', 'x.note']) {
      t.match(await asBen.post(`${path}/control`, { event }), forbidden);
      t.match(await asIris.post(`${path}/control`, { event }), forbidden);
      t.match(await new Client(world, hook).post(`${path}/control`, { event }), { status: 403 });
      t.match(await asAda.post(`${path}/control`, { event }), { status: 201 });
    }
    await asAda.patch(`${path}/participants/${ben.id}`, { role: 'owner' });
    t.match(await asBen.post(`${path}/control`, { event: 'stream.pause' }), forbidden);
  });

  t.test('a name is required, and only names that mean something are accepted', async (t) => {
    const path = await group(world);
    for (const event of [undefined, null, '', 5, {}, ['stream.pause']]) {
      t.match(await asAda.post(`${path}/control`, { event }), refused(400, 'Control event is required'));
    }
    for (const event of [
      'message:deleted',
      'disconnect',
      'stream.stop',
      'constructor',
      '__proto__',
      'x.',
      'pause',
    ]) {
      t.equal((await asAda.post(`${path}/control`, { event })).status, 400, event);
    }
    for (const fields of [
      { target: 5 },
      { target: [] },
      { target: {} },
      { target: { principalId: 5 } },
      { target: '' },
      { runId: 'x' },
      { reason: {} },
      { reason: 'x'.repeat(1_001) },
      { metadata: 'x' },
      { preemptedBy: 5 },
      { traceId: 5 },
    ]) {
      t.equal(
        (await asAda.post(`${path}/control`, { event: 'x.note', ...fields })).status,
        400,
        JSON.stringify(fields),
      );
    }
    t.same((await asAda.get(`${path}/messages`)).body, []);
  });

  t.test(
    'a pause holds agents and services, not people and not what is critical, until the resume',
    async (t) => {
      const path = await group(world, ben, iris, hook);
      const post = (client: Client, fields: object = {}): Promise<number> =>
        client.post(`${path}/messages`, { content: 'x', ...fields }).then((answer) => answer.status);
      await asAda.post(`${path}/control`, { event: 'stream.pause', reason: 'lunch' });
      t.equal(await post(asIris), 409);
      t.equal(await post(new Client(world, hook)), 409);
      t.equal(await post(asJuno), 409);
      t.equal(await post(asBen), 201);
      t.equal(await post(asIris, { priority: 'critical' }), 201);
      await asAda.post(`${path}/control`, { event: 'stream.resume' });
      t.equal(await post(asIris), 201);
      const rows = (await asAda.get(`${path}/messages`)).body as { sequence: number; content_type: string }[];
      t.same(
        rows.map((row) => row.content_type),
        ['event', 'text', 'text', 'event', 'text'],
      );
      t.same(
        rows.map((row) => row.sequence),
        [1, 2, 3, 4, 5],
      );
    },
  );

  t.test('a retry that was accepted before the pause is answered with the first row', async (t) => {
    const path = await group(world, iris);
    const post = { content: 'x', id: randomUUID() };
    const first = await asIris.post(`${path}/messages`, post);
    await asAda.post(`${path}/control`, { event: 'stream.pause' });
    t.same(said(await asIris.post(`${path}/messages`, post)), said(first));
  });

  t.test('a preempted run posts no more, another one does', async (t) => {
    const path = await group(world, iris);
    const [run, other] = [randomUUID(), randomUUID()];
    const post = (runId: string): Promise<number> =>
      asIris
        .post(`${path}/messages`, { content: 'x', runId, priority: 'critical' })
        .then((answer) => answer.status);
    t.equal(await post(run), 201);
    t.equal(await post(other), 201);
    await asAda.post(`${path}/control`, { event: 'stream.preempt', runId: run });
    t.equal(await post(run), 409);
    t.equal(await post(other), 201);
    await asAda.post(`${path}/control`, { event: 'stream.cancel', target: iris.id });
    t.equal(await post(other), 409);
  });

  t.test('a route gives one agent the floor, and a bare string names it as well as an object', async (t) => {
    const path = await group(world, ben, iris, juno);
    const post = (client: Client): Promise<number> =>
      client.post(`${path}/messages`, { content: 'x' }).then((answer) => answer.status);
    const routed = await asAda.post(`${path}/control`, { event: 'stream.route', target: iris.id });
    t.same(routed.body.metadata.control.target, { principalId: iris.id, principalType: 'agent' });
    t.same([await post(asIris), await post(asJuno), await post(asBen)], [201, 409, 201]);
    const target = { principalId: juno.id, principalType: 'agent' };
    t.match(await asIris.post(`${path}/control`, { event: 'stream.handoff', target }), { status: 201 });
    t.same([await post(asIris), await post(asJuno)], [409, 201]);
    t.match(await asIris.post(`${path}/control`, { event: 'stream.handoff', target }), { status: 403 });
    await asAda.post(`${path}/control`, { event: 'stream.route', target: null });
    t.same([await post(asIris), await post(asJuno)], [201, 201]);
  });

  t.test('a priority for what follows stands at the top level or in the metadata', async (t) => {
    const path = await group(world);
    const priority = async (): Promise<string> =>
      (await asAda.post(`${path}/messages`, { content: 'x' })).body.priority;
    t.equal((await asAda.post(`${path}/control`, { event: 'stream.priority' })).status, 400);
    t.match(await asAda.post(`${path}/control`, { event: 'stream.priority', priority: 'low' }), {
      status: 201,
    });
    t.equal(await priority(), 'low');
    await asAda.post(`${path}/control`, { event: 'stream.priority', metadata: { priority: 'critical' } });
    t.equal(await priority(), 'critical');
  });

  t.test('control rows are neither edited nor deleted, and have a history of one', async (t) => {
    const path = await group(world);
    const { body } = await asAda.post(`${path}/control`, { event: 'x.note' });
    const row = `${path}/messages/${body.id}`;
    t.match(await asAda.patch(row, { content: 'x' }), { status: 403 });
    t.match(await asAda.delete(row), { status: 403 });
    t.same((await asAda.get(`${row}/history`)).body, [{ ...body, version: 1 }]);
  });
}

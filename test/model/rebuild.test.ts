/** A replay of the logs from zero, after everything that erases: every row of the projection is the same. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { openClock } from '../../src/adapters/system/clock.ts';
import { openProjector } from '../../src/core/projection/projector.ts';
import { rebuildProjection } from '../../src/core/projection/rebuild.ts';
import type { Command } from '../../src/domain/command.ts';
import { must } from '../kit/clients/reader.ts';
import { until } from '../kit/log-entries.ts';
import { create, post } from '../kit/memory/memory-commands.ts';
import { quietMetrics } from '../kit/memory/quiet-metrics.ts';
import { type Dump, startProjection } from '../kit/projection.ts';
import { type CoreNode, openCoreNode } from '../kit/servers/core-node.ts';
import { startNats } from '../kit/servers/nats.ts';
import { makeCast, scripts } from './random-steps.ts';
import { openStranger, Play } from './world.ts';

const seed = Number(process.env['PARLEY_MODEL_SEED'] ?? 20_261_120);
t.setTimeout(120_000);

const server = await startNats(t);
const projection = await startProjection(t);
const natsUrl = server.url.replace('//', `//${server.user}:${server.pass}@`);
const open = (name: string): Promise<CoreNode> =>
  openCoreNode({ natsUrl, databaseUrl: projection.url, name, projects: false });
const [here, there] = [await open('here'), await open('there')];
t.teardown(() => Promise.all([here.close(), there.close()]));
const stranger = await openStranger(natsUrl, here);
t.teardown(() => stranger.nats.close());

const { marks, writer, logger } = projection;
const parts = {
  feed: here.feed,
  marks,
  writer,
  log: here.log,
  logger,
  metrics: quietMetrics(),
  clock: openClock(),
};

t.test(`a projection that is rebuilt from the logs is the one that was kept (seed ${seed})`, async (t) => {
  const projector = await openProjector(parts);
  const cast = makeCast(randomUUID());
  const [lines = []] = fc.sample(scripts(cast, { lines: 10, steps: 60, conversations: 5 }), {
    seed,
    numRuns: 1,
  });
  const play = new Play(cast, [here, there], stranger);
  await play.begin(5);
  await play.run(lines);
  const { owner } = cast;
  const command = async (id: string, asked: Command): Promise<void> => {
    must(await there.core.bus.dispatch(owner, asked, there.core.bus.context(id)));
  };
  // Conversations of its own: what was played may have left the owner without a right in the others.
  const [long, deleted] = [here.core.bus.newConversationId(), here.core.bus.newConversationId()];
  for (const id of [long, deleted]) await command(id, create({ participants: [] }));
  for (let n = 0; n < 300; n += 1) await command(long, post(`more ${n}`, { clientId: `m${n}` }));
  // What of this is left of the play is a matter of who was faster.
  const [edited, reacted, erased] = [randomUUID(), randomUUID(), randomUUID()];
  for (const messageId of [edited, reacted, erased]) await command(long, post('one of three', { messageId }));
  await command(long, { op: 'edit', message: edited, content: 'edited', metadata: null });
  await command(long, { op: 'react', message: reacted, emoji: '👍' });
  await command(long, { op: 'delete', message: erased });
  await command(deleted, post('soon gone'));
  await command(deleted, { op: 'conversation.delete' });
  play.close();
  await until(async () => (await projector.lag()) === 0);
  await projector.close();
  const kept = comparable(await projection.dump());
  const rows = Object.entries(kept).map(([table, { length }]) => `${length} ${table}`);
  t.ok(
    kept.messages.length > 303 && kept.message_versions.length > 0 && kept.reactions.length > 0,
    rows.join(', '),
  );
  t.ok(kept.messages.some((row) => JSON.stringify(row).includes('deleted')));
  t.equal(await rebuildProjection(parts, () => undefined), null);
  const rebuilt = comparable(await projection.dump());
  for (const table of Object.keys(kept) as (keyof Dump)[]) {
    t.equal(rebuilt[table].length, kept[table].length, `as many ${table}`);
    const isSame = (row: object, index: number): boolean =>
      JSON.stringify(row) === JSON.stringify(rebuilt[table][index]);
    const index = kept[table].findIndex((row, at) => !isSame(row, at));
    if (index >= 0) t.same(rebuilt[table][index], kept[table][index], `${table}: the first that differs`);
  }
});

/**
 * Without what an erased message takes with it for good: who began a run that several share, and how far
 * the seq was when somebody joined right after that message (deleted ones are not counted as unread).
 */
function comparable(dump: Dump): Dump {
  const conversations = dump.conversations.map((row) => {
    const { control } = row as { control: object | null };
    const plain = { paused: null, floor: null, priority: null, stoppedRuns: [], runPriorities: [] };
    return { ...row, control: { ...plain, ...control, openRuns: [] } };
  });
  return {
    ...dump,
    conversations,
    participants: dump.participants.map((row) => ({ ...row, joined_seq: 0 })),
  };
}

import t from 'tap';
import type { Bus } from '../../../../src/core/bus.ts';
import { textOfMessage } from '../../../../src/dialects/eliza/audio/message-text.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { MemoryBus } from '../../../kit/memory/memory-bus.ts';
import { create, post } from '../../../kit/memory/memory-commands.ts';
import { person } from '../../../kit/memory/memory-principals.ts';

const ada = person('ada');

/** A conversation whose newest message the projection does not have yet. */
async function startLagging() {
  const bus = new MemoryBus();
  const world = { isProjected: false };
  const id = bus.newConversationId();
  await bus.dispatch(ada, create({ participants: [] }), bus.context(id));
  const posted = await bus.dispatch(ada, post('good morning'), bus.context(id));
  if (posted instanceof Problem) throw posted;
  const lagging: Pick<Bus, 'conversationOf' | 'entry'> = {
    conversationOf: async (...asked) => (world.isProjected ? await bus.conversationOf(...asked) : null),
    entry: (...asked) => bus.entry(...asked),
  };
  const projectedNow = async (): Promise<boolean> => {
    world.isProjected = true;
    return true;
  };
  return { deps: { bus: lagging as Bus, projectedNow }, message: posted.events[0]?.id ?? '' };
}

t.test('a message that was acknowledged just now is spoken though it is not projected yet', async (t) => {
  const { deps, message } = await startLagging();
  t.equal(await textOfMessage(deps, ada, ada.id, message, null), 'good morning');
});

t.test('a message that is not there even then is not found', async (t) => {
  const { deps } = await startLagging();
  const unknown = await textOfMessage(deps, ada, ada.id, '00000000-0000-4000-8000-000000000099', null);
  t.match(unknown, { code: 'not_found' });
});

import t from 'tap';
import { LoadedConversation } from '../../../src/core/conversations/loaded-conversation.ts';
import { openDraftWriter } from '../../../src/core/live/drafts/draft-writer.ts';
import type { DeltaCommand } from '../../../src/core/live/live-bus.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import { create } from '../../kit/memory/memory-commands.ts';
import { MemoryConversation } from '../../kit/memory/memory-conversation.ts';
import { MovedClock } from '../../kit/memory/moved-clock.ts';
import { principal } from '../../kit/servers/core-node.ts';

const iris = principal('acme', 'iris', 'agent');

const delta = (messageId: string): DeltaCommand => ({
  ...{ conversation: 'c', messageId, run: 'r', index: 0, text: 'a token' },
});

t.test(
  'a node writes so many drafts at once; the next is told to come back, until one falls silent',
  async (t) => {
    const memory = new MemoryConversation();
    memory.handle(iris, create());
    const conversation = new LoadedConversation(memory.ref, memory.state);
    const clock = new MovedClock();
    const store = {
      append: async () => ({ kind: 'stored' as const, firstLogSeq: 1 }),
      read: async () => [],
      drop: () => undefined,
    };
    const writer = openDraftWriter({
      store: store as unknown as Parameters<typeof openDraftWriter>[0]['store'],
      headCheck: { confirm: async () => 'same' },
      clock,
      windowMs: 0,
      writingMax: 2,
    });
    const write = (messageId: string) => writer.write(conversation, iris, delta(messageId), () => undefined);
    t.equal(await write('m1'), null);
    t.equal(await write('m2'), null);
    const third = await write('m3');
    t.ok(third instanceof Problem);
    t.match(third, { code: 'overloaded', overload: 'drafts', retryAfterMs: 1000 });
    writer.end(conversation, 'm1');
    t.equal(await write('m3'), null, 'an end makes room');
    clock.advance(limits.draftSilenceMs + 1);
    t.equal(await write('m4'), null, 'and so does silence');
  },
);

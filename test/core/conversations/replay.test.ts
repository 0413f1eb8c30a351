import t from 'tap';
import { LoadedConversation } from '../../../src/core/conversations/loaded-conversation.ts';
import { openReplay } from '../../../src/core/conversations/replay.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { Log } from '../../../src/ports/log.ts';
import type { ProjectionReader } from '../../../src/ports/projection/projection-reader.ts';

/** A log whose reads wait until they are released, one after another. */
function heldLog() {
  const reads: number[] = [];
  const waiting: (() => void)[] = [];
  const log = {
    readAfter: (_ref: unknown, from: number) => {
      reads.push(from);
      return new Promise((resolve) => waiting.push(() => resolve(new Problem('unavailable'))));
    },
  } as unknown as Log;
  const reader = {
    logSeqAt: async (_ref: unknown, position: number) => position,
  } as unknown as ProjectionReader;
  const release = (): void => waiting.shift()?.();
  return { replay: openReplay(log, reader), reads, release };
}

const conversation = (id: string): LoadedConversation => {
  const loaded = new LoadedConversation({ tenant: 'acme', service: null, conversation: id });
  loaded.state = { ...loaded.state, position: 9 };
  return loaded;
};

t.test(
  'readers of one position share the reads of its log, and none gets one that began before it asked',
  async (t) => {
    const { replay, reads, release } = heldLog();
    const [here, elsewhere] = [conversation('c'), conversation('d')];
    const asked = Array.from({ length: 100 }, () => replay.after(here, 3));
    const others = [replay.after(here, 5), replay.after(elsewhere, 3)];
    await new Promise(setImmediate);
    t.same(reads.toSorted(), [3, 3, 5], 'another position and another conversation are read for themselves');
    for (let count = 0; count < 4; count += 1) {
      release();
      await new Promise(setImmediate);
    }
    await Promise.all([...asked, ...others]);
    t.equal(reads.length, 4, 'those who asked while one was under way share the next');
  },
);

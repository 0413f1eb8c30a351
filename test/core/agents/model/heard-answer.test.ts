import t from 'tap';
import { openClock } from '../../../../src/adapters/system/clock.ts';
import { heardAnswer } from '../../../../src/core/agents/model/heard-answer.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import type { Model, ModelRequest } from '../../../../src/ports/model.ts';

const request: ModelRequest = {
  ...{ tenant: 't', conversation: 'c', type: 'private', message: 'm', messages: [] },
  agent: { id: 'a', displayName: 'A', jobTitle: null, bio: null, character: null },
};

function saying(...pieces: readonly (string | Problem)[]): Model {
  return {
    name: 'saying',
    async *answer() {
      yield* pieces;
    },
  };
}

async function listen(
  model: Model,
  signal = new AbortController().signal,
  clock: Pick<ReturnType<typeof openClock>, 'after'> = openClock(),
) {
  const pieces: string[] = [];
  const onPiece = async (piece: string): Promise<void> => void pieces.push(piece);
  const answer = await heardAnswer({ model, request, signal, clock, onPiece });
  return { answer, pieces };
}

const silent: Model = {
  name: 'silent',
  async *answer() {
    yield 'once ';
    await new Promise(() => undefined);
  },
};

t.test('the pieces, and the whole of them', async (t) => {
  t.same(await listen(saying('once ', 'upon ', 'a time')), {
    answer: 'once upon a time',
    pieces: ['once ', 'upon ', 'a time'],
  });
});

t.test('a problem is the end, whatever was said', async (t) => {
  const { answer, pieces } = await listen(saying('once ', new Problem('unavailable'), 'more'));
  t.match(answer, { code: 'unavailable' });
  t.same(pieces, ['once ']);
});

t.test('a model that says nothing has failed', async (t) => {
  for (const said of [[], [''], [' ', '\n']])
    t.match((await listen(saying(...said))).answer, { code: 'unavailable' });
});

t.test('a model that hangs is left at once when somebody says stop', async (t) => {
  const stop = new AbortController();
  const heard = listen(silent, stop.signal);
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  t.same(await heard, { answer: null, pieces: ['once '] });
  t.equal((await listen(silent, stop.signal)).answer, null, 'and not asked after it');
});

t.test('or when it takes too long', async (t) => {
  let late: () => void = () => undefined;
  const clock = {
    after: (ms: number, run: () => void) => {
      t.equal(ms, limits.agentRunMsMax);
      late = run;
      return () => undefined;
    },
  };
  const heard = listen(silent, undefined, clock);
  await new Promise((resolve) => setImmediate(resolve));
  late();
  t.match((await heard).answer, { code: 'unavailable', message: /too long/ });
});

t.test('an endless model is cut off', async (t) => {
  let isEnded = false;
  const endless: Model = {
    name: 'endless',
    async *answer() {
      try {
        for (;;) yield 'on and on ';
      } finally {
        isEnded = true;
      }
    },
  };
  const { answer, pieces } = await listen(endless);
  t.equal((answer as string).length, limits.agentAnswerCharsMax);
  t.equal(pieces.join(''), answer);
  t.ok(isEnded);
});

t.test('characters that are cut are put together, what is no character is not said', async (t) => {
  const { answer, pieces } = await listen(saying('a\ud83d', '\ude00b', '\u0000', 'c\udc00', 'd\ud83d', 'e'));
  t.equal(answer, 'a\u{1f600}bc\ufffdd\ufffde');
  t.equal(pieces.join(''), answer);
});

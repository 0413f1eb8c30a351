import t from 'tap';
import { openClock } from '../../../../src/adapters/system/clock.ts';
import { heardAnswer } from '../../../../src/core/agents/model/heard-answer.ts';
import { limits } from '../../../../src/domain/limits.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import type { Model, ModelRequest } from '../../../../src/ports/agents/model.ts';

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

async function* forever(): AsyncGenerator<string> {
  yield await new Promise<string>(() => undefined);
}

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
    t.match((await listen(saying(...said))).answer, { code: 'unavailable', reason: 'said_nothing' });
});

t.test('a model that hangs is left at once when somebody says stop', async (t) => {
  const stop = new AbortController();
  const heard = listen(silent, stop.signal);
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  t.same(await heard, { answer: null, pieces: ['once '] });
  t.equal((await listen(silent, stop.signal)).answer, null, 'and not asked after it');
});

for (const [name, waitMs, pieces] of [
  ['takes too long', limits.agentRunMsMax, ['once ']],
  ['says nothing for too long', limits.modelPieceMsMax, ['once ']],
  ['does not begin', limits.modelFirstPieceMsMax, []],
] as const) {
  t.test(`a model is left when it ${name}`, async (t) => {
    const due: { ms: number; run: () => void; isOver: boolean }[] = [];
    const clock = {
      after(ms: number, run: () => void) {
        const one = { ms, run, isOver: false };
        due.push(one);
        return () => {
          one.isOver = true;
        };
      },
    };
    const dumb: Model = { name: 'dumb', answer: () => forever() };
    const heard = listen(pieces.length === 0 ? dumb : silent, undefined, clock);
    await new Promise((resolve) => setImmediate(resolve));
    due.find(({ ms, isOver }) => ms === waitMs && !isOver)?.run();
    t.match(await heard, { answer: { code: 'unavailable', reason: 'timed_out' }, pieces });
    t.ok(
      due.filter(({ ms }) => ms === limits.agentRunMsMax).every(({ isOver }) => isOver),
      'nothing is left behind',
    );
  });
}

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

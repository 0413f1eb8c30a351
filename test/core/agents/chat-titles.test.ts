import t from 'tap';
import { openResponder } from '../../../src/adapters/responder/responder.ts';
import { openChatTitles } from '../../../src/core/agents/chat-titles.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { TitleRequest } from '../../../src/ports/agents/chat-titles.ts';
import type { Model, ModelRequest } from '../../../src/ports/agents/model.ts';

const request: TitleRequest = {
  ...{ tenant: 'a', conversation: 'harbour', type: 'group', message: 'm2' },
  agent: { id: 'iris', displayName: 'Iris', jobTitle: null, bio: null, character: null },
  messages: [
    { role: 'self', name: 'Iris', text: 'Good morning.' },
    { role: 'other', name: 'Ada', text: '… when does the *Rose* leave the harbour for Port Royal?' },
  ],
};

const noTimer = { after: () => () => undefined };

function modelThat(answer: Model['answer']): Model {
  return { name: 'test', answer };
}

t.test('the built-in responder makes a title of the first words', async (t) => {
  const titles = openChatTitles(openResponder(), noTimer);
  t.equal(await titles.titleOf(request), 'When does the Rose leave the');
  const silent = { ...request, messages: [{ role: 'other' as const, name: 'Ada', text: '…' }] };
  t.equal(await titles.titleOf(silent), 'Conversation');
});

t.test('a language model is asked for one, and its quotes are dropped', async (t) => {
  let asked: ModelRequest | null = null;
  const titles = openChatTitles(
    modelThat(async function* (given) {
      asked = given;
      yield '"Ships In ';
      yield 'The Harbour"\nIt is about ships.';
    }),
    noTimer,
  );
  t.equal(await titles.titleOf(request), 'Ships In The Harbour');
  t.match(asked, { messages: [{ role: 'other', text: /title[\s\S]*Iris: Good morning\.\nAda: / }] });
});

t.test('a model that fails, says nothing or takes too long makes none', async (t) => {
  const failing = modelThat(async function* () {
    yield new Problem('internal');
  });
  const silent = modelThat(async function* () {
    yield '  ';
  });
  for (const model of [failing, silent]) {
    t.match(await openChatTitles(model, noTimer).titleOf(request), { code: 'unavailable' });
  }
  const slow = modelThat(async function* (_, signal) {
    yield 'Half';
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  });
  const clock = {
    after(ms: number, run: () => void) {
      t.equal(ms, limits.titleMsMax);
      setImmediate(run);
      return () => undefined;
    },
  };
  t.match(await openChatTitles(slow, clock).titleOf(request), { code: 'unavailable' });
});

t.test('more titles at once than there may be are refused', async (t) => {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const waiting = modelThat(async function* () {
    await ended;
    yield 'Done';
  });
  const titles = openChatTitles(waiting, noTimer);
  const asked = Array.from({ length: limits.titlesInFlightMax }, () => titles.titleOf(request));
  t.match(await titles.titleOf(request), { code: 'overloaded', overload: 'chat_titles' });
  end();
  t.same(new Set(await Promise.all(asked)), new Set(['Done']));
  t.equal(await titles.titleOf(request), 'Done');
});

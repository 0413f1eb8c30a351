import t from 'tap';
import { FreshAnswers } from '../../src/core/fresh-answers.ts';

/** Answers that a test gives by hand, numbered as they were begun. */
function openQuestions() {
  const begun: ((answer: string) => void)[] = [];
  return {
    begun,
    work: () => new Promise<string>((resolve) => void begun.push(resolve)),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('who asks while an answer is under way gets the next one, with all others', async (t) => {
  const answers = new FreshAnswers<string>();
  const { begun, work } = openQuestions();
  const first = answers.ask('a', work);
  const [second, third] = [answers.ask('a', work), answers.ask('a', work)];
  t.equal(begun.length, 1);
  begun[0]?.('one');
  t.equal(await first, 'one');
  await turn();
  t.equal(begun.length, 2);
  const fourth = answers.ask('a', work);
  begun[1]?.('two');
  t.same(await Promise.all([second, third]), ['two', 'two']);
  await turn();
  begun[2]?.('three');
  t.equal(await fourth, 'three');
  await turn();
  t.equal(answers.size, 0);
});

t.test(
  'different questions do not wait for each other, and a failure is not shared with the next',
  async (t) => {
    const answers = new FreshAnswers<string>();
    const failing = answers.ask('a', () => Promise.reject(new Error('no')));
    const next = answers.ask('a', async () => 'yes');
    t.equal(await answers.ask('b', async () => 'other'), 'other');
    await t.rejects(failing, /no/);
    t.equal(await next, 'yes');
    await turn();
    t.equal(answers.size, 0);
  },
);

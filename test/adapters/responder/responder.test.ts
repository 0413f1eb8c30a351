import t from 'tap';
import { openResponder, respond } from '../../../src/adapters/responder/responder.ts';
import { rules } from '../../../src/adapters/responder/rules.ts';
import type { ModelMessage, ModelRequest } from '../../../src/ports/agents/model.ts';

const agent = {
  id: 'a1',
  displayName: 'Assistant',
  jobTitle: null,
  bio: 'Answers questions of this team.',
  character: null,
};
const other = (text: string): ModelMessage => ({ role: 'other', name: 'Ann', text });
const self = (text: string): ModelMessage => ({ role: 'self', name: 'Assistant', text });
const to = (...messages: ModelMessage[]): string => respond({ agent, messages });

/** A whole dialogue: what it answers to each of these, one after the other. */
function dialogue(...texts: string[]): string[] {
  const messages: ModelMessage[] = [];
  for (const text of texts) {
    messages.push(other(text));
    messages.push(self(to(...messages)));
  }
  return messages.filter(({ role }) => role === 'self').map(({ text }) => text);
}

t.test('it says who it is', async (t) => {
  for (const question of ['Who are you?', 'what is your name', '@Assistant what’s your name?']) {
    t.match(to(other(question)), /Assistant.*Answers questions of this team\./, question);
  }
});

t.test('greetings, thanks and goodbyes are answered as such', async (t) => {
  t.match(to(other('Hello there!')), /^(Hello|Good to hear)/);
  t.match(to(other('thank you so much')), /welcome|Gladly|Any time/);
  t.match(to(other('ok bye')), /Goodbye|Until next time/);
});

t.test('what was said is turned around', async (t) => {
  t.match(to(other('I need you to help me with my homework.')), /me to help you with your homework/);
  t.match(to(other('I feel that you are ignoring me')), /that I am ignoring you/);
  t.match(to(other('I can’t find my keys, and it is late')), /find your keys\?/);
});

t.test('it takes up what fits best, wherever it stands', async (t) => {
  t.match(to(other('hi, I am so sad today')), /sad/, 'and not only the greeting');
  t.match(to(other('hello, I want to end my life')), /emergency number/);
});

t.test('the same conversation gets the same answer', async (t) => {
  const texts = ['hello', 'I am worried about my exam', 'because I did not learn', 'hm', 'hm', 'hm'];
  t.same(dialogue(...texts), dialogue(...texts));
});

t.test('nobody hears the same twice in a row', async (t) => {
  for (const text of ['hm', 'why?', 'yes', 'I am tired', 'hello', 'my dog']) {
    const answers = dialogue(text, text, text, text, text);
    for (const [index, answer] of answers.entries()) t.not(answer, answers[index - 1], `${text}: ${answer}`);
  }
});

t.test('it comes back to what was spoken of before', async (t) => {
  const answers = dialogue('my garden is full of weeds', 'hm', 'hm', 'hm', 'hm', 'hm');
  t.ok(answers.slice(1).some((answer) => answer.includes('garden')));
});

t.test('whatever it is told, it has something to say', async (t) => {
  const strange = [
    '',
    ' ',
    '???',
    '\u{1f600}',
    'x'.repeat(200_000),
    'I '.repeat(50_000),
    'you are',
    'my',
    '@Assistant',
  ];
  for (const text of strange) {
    const answer = to(other(text));
    t.ok(answer.length > 0 && answer.length <= 4_000, text.slice(0, 20));
    t.notMatch(answer, /\{|undefined/, text.slice(0, 20));
  }
  for (const rule of rules) for (const answer of rule.answers) t.notMatch(answer, /\{(?!1\}|name\}|bio\})/);
});

t.test('a hostile text does not keep it busy', async (t) => {
  const startedMs = performance.now();
  for (const part of ['i am ', 'because ', "why can't i ", 'my ', '@', 'a@assistant'])
    to(other(part.repeat(100_000)));
  t.ok(performance.now() - startedMs < 2_000);
});

const request: ModelRequest = {
  ...{ tenant: 't', conversation: 'c', type: 'private', agent, message: 'm' },
  messages: [other('Who are you?')],
};

t.test('the answer comes word by word', async (t) => {
  const pieces: unknown[] = [];
  for await (const piece of openResponder().answer(request, new AbortController().signal)) pieces.push(piece);
  t.ok(pieces.length > 3);
  t.equal(pieces.join(''), respond(request));
});

t.test('an end in the middle of a pause is an end at once', async (t) => {
  const stop = new AbortController();
  const pieces: unknown[] = [];
  for await (const piece of openResponder({ paceMs: 3_600_000 }).answer(request, stop.signal)) {
    pieces.push(piece);
    stop.abort();
  }
  t.equal(pieces.length, 1);
});

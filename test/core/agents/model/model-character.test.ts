import t from 'tap';
import { modelCharacter } from '../../../../src/core/agents/model/model-character.ts';
import { limits } from '../../../../src/domain/limits.ts';

t.test('texts of a character, whatever form they have', async (t) => {
  const told = modelCharacter({
    name: 'Two',
    system: 'Be even.',
    bio: 'One line.',
    topics: ['a', 7, '', 'b'],
    adjectives: 'calm',
    style: { all: ['short'], chat: ['kind'], post: ['never told'] },
    messageExamples: [
      [
        { name: '{{user1}}', content: { text: 'Hi' } },
        { user: 'Two', content: { text: 'Hello', action: 'NONE' } },
        { name: 'Two', content: {} },
        null,
      ],
      'nonsense',
      [],
    ],
    settings: { temperature: '0.4' },
  });
  t.same(told, {
    ...{ system: 'Be even.', bio: ['One line.'], topics: ['a', 'b'], adjectives: ['calm'] },
    style: ['short', 'kind'],
    examples: [
      [
        { name: 'Somebody', text: 'Hi' },
        { name: 'Two', text: 'Hello' },
      ],
    ],
    temperature: 0.4,
  });
});

t.test('what says nothing is nothing', async (t) => {
  const nothing = { bio: [], style: [], topics: [], adjectives: [], examples: [], temperature: null };
  t.same(modelCharacter({}), { system: null, ...nothing });
  t.same(modelCharacter({ system: 7, bio: null, style: null, messageExamples: {}, settings: null }), {
    system: null,
    ...nothing,
  });
  for (const temperature of [-1, 2.1, 'hot', Number.NaN])
    t.equal(modelCharacter({ settings: { temperature } }).temperature, null);
});

t.test('all of it together is bounded, and what comes first counts most', async (t) => {
  const long = 'x'.repeat(limits.modelCharacterCharsMax);
  const told = modelCharacter({ system: `${long}x`, bio: ['a'], topics: ['b'] });
  t.equal(told.system, long);
  t.same([told.bio, told.topics], [[], []]);
  const half = 'y'.repeat(limits.modelCharacterCharsMax / 2);
  const example = [{ name: 'n', content: { text: half } }];
  const some = modelCharacter({
    bio: [half, long, 'z'],
    messageExamples: [example, [{ name: 'n', content: { text: 'w' } }]],
  });
  t.same(some.bio, [half, 'z']);
  t.same(some.examples, [[{ name: 'n', text: 'w' }]]);
});

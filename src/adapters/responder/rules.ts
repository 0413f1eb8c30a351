/**
 * What the built-in responder knows to say: keywords with a rank (the highest that fits counts), a pattern, and
 * answers that take turns. `{1}` stands for what the pattern caught, turned around; `{name}` for the agent's own
 * name, `{bio}` for what is known of it.
 */

export interface Rule {
  readonly rank: number;
  readonly pattern: RegExp;
  readonly answers: readonly string[];
}

export const rules: readonly Rule[] = [
  {
    rank: 100,
    pattern: /\b(?:kill myself|suicide|end my life|hurt myself|self.?harm)\b/,
    answers: [
      'That sounds very hard, and I am only a simple program. Please talk to somebody near you, or call your local emergency number now.',
    ],
  },
  {
    rank: 90,
    pattern: /\b(?:who|what) are you\b|\bwhat(?:'s| is) your name\b|\byour name\?/,
    answers: ['I am {name}. {bio}', 'My name is {name}. {bio}'],
  },
  {
    rank: 90,
    pattern: /\bwhat (?:can|do) you do\b|\bhow do you work\b|\bhelp\b *[?!.]*$/,
    answers: [
      'I am {name}. {bio} Without a language model behind me I listen, ask back and keep a conversation going: tell me what is on your mind.',
      'I can talk with you about whatever you bring up. {bio} What would you like to begin with?',
    ],
  },
  {
    rank: 88,
    pattern: /\bare you (?:a |an )?(?:bot|robot|computer|machine|program|human|person|real|ai)\b/,
    answers: [
      'I am a program that is called {name}. Does it make a difference to you?',
      'I am {name}, a program, and not a person. What made you ask?',
    ],
  },
  {
    rank: 85,
    pattern: /\bhow are you\b|\bhow(?:'s| is) it going\b|\bhow do you do\b/,
    answers: ['I am well, thank you. And how are you?', 'All is well here. What about you?'],
  },
  {
    rank: 80,
    pattern: /\bthank(?:s| you)\b|\bthx\b/,
    answers: [
      'You are welcome. Is there anything else?',
      'Gladly. What else is on your mind?',
      'Any time. Shall we go on?',
    ],
  },
  {
    rank: 75,
    pattern: /\b(?:good ?bye|bye|see you|good night|farewell)\b/,
    answers: ['Goodbye. It was good to talk with you.', 'Until next time. Take care.'],
  },
  {
    rank: 60,
    pattern: /\bi (?:need|want) (?!to know)(.+)/,
    answers: [
      'What would it mean to you if you got {1}?',
      'Why do you want {1}?',
      'Suppose you got {1} soon. What then?',
    ],
  },
  {
    rank: 58,
    pattern: /\bi (?:can't|cannot|can not) (.+)/,
    answers: [
      'What keeps you from it: {1}?',
      'What would happen if you could {1}?',
      'Have you tried to {1} before?',
    ],
  },
  {
    rank: 56,
    pattern:
      /\bi(?: am|'m) (?:so |very |really |a bit )?(sad|unhappy|depressed|tired|angry|afraid|worried|lonely|stressed|sick)\b/,
    answers: [
      'I am sorry to hear that you are {1}. Since when?',
      'What do you think makes you {1}?',
      'Does it help to talk about being {1}?',
    ],
  },
  {
    rank: 56,
    pattern: /\bi(?: am|'m) (?:so |very |really )?(happy|glad|excited|proud|relieved)\b/,
    answers: ['That is good to hear. What made you {1}?', 'What is it like for you to be {1}?'],
  },
  {
    rank: 54,
    pattern: /\bi (?:feel|felt) (.+)/,
    answers: ['Tell me more about feeling {1}.', 'Do you often feel {1}?', 'When do you usually feel {1}?'],
  },
  {
    rank: 52,
    pattern: /\bi (?:think|believe|guess) (?:that )?(.+)/,
    answers: ['What makes you think {1}?', 'Are you sure {1}?', 'And if it were not so that {1}?'],
  },
  {
    rank: 50,
    pattern: /\bi(?: am|'m) (.+)/,
    answers: [
      'How long have you been {1}?',
      'What does it mean to you to be {1}?',
      'How do you feel about being {1}?',
    ],
  },
  {
    rank: 48,
    pattern: /\b(?:mother|father|mom|mum|dad|sister|brother|wife|husband|son|daughter|family)\b/,
    answers: ['Tell me more about your family.', 'Who else in your family comes to mind?'],
  },
  {
    rank: 46,
    pattern: /\bi (?:had a dream|dreamed|dreamt)(?: (?:about|of))? ?(.*)/,
    answers: ['What does that dream mean to you?', 'What did you feel when you woke up?'],
  },
  {
    rank: 45,
    pattern: /\bi (?:lost|forgot|broke|missed) (.+)/,
    answers: ['How did it come that you lost track of {1}?', 'What would help you with {1} now?'],
  },
  {
    rank: 44,
    pattern: /\bbecause (.+)/,
    answers: ['Is that the real reason?', 'What other reasons are there, besides {1}?'],
  },
  {
    rank: 42,
    pattern: /\b(?:can|could|would|will) you (?:please )?(.+)/,
    answers: [
      'I would have to know more before I can {1}. What exactly do you have in mind?',
      'Tell me why it matters to you that I {1}.',
    ],
  },
  {
    rank: 40,
    pattern: /\byou are (.+)|\byou're (.+)/,
    answers: ['What makes you say that I am {1}?', 'Would it change something if I were {1}?'],
  },
  {
    rank: 38,
    pattern: /\bwhy (?:don't|do not) you (.+)/,
    answers: ['Do you think that I should {1}?', 'Perhaps I will {1} in time. Would you like that?'],
  },
  {
    rank: 36,
    pattern: /\bwhy (?:can't|cannot) i (.+)/,
    answers: ['What have you tried so far?', 'Do you think you should be able to {1}?'],
  },
  {
    rank: 34,
    pattern: /\b(?:sorry|apologi[sz]e)\b/,
    answers: ['There is no need to be sorry.', 'It is all right. What happened?'],
  },
  {
    rank: 32,
    pattern: /\b(?:problem|error|bug|broken|fail(?:s|ed)?|doesn't work|does not work)\b/,
    answers: [
      'What did you expect to happen, and what happened instead?',
      'Since when has it been like that?',
      'What changed before it began?',
    ],
  },
  {
    rank: 30,
    pattern: /^(?:yes|yeah|yep|sure|ok|okay|right|exactly|of course)\b/,
    answers: ['I see. Tell me more.', 'You seem sure. What follows from it?', 'Good. And then?'],
  },
  {
    rank: 30,
    pattern: /^(?:no|nope|never|not really)\b/,
    answers: ['Why not?', 'What would have to change for a yes?', 'I see. What speaks against it?'],
  },
  {
    rank: 25,
    pattern: /\b(?:hello|hi|hey|good (?:morning|afternoon|evening)|greetings)\b/,
    answers: [
      'Hello, I am {name}. What can I do for you?',
      'Hello. What is on your mind today?',
      'Good to hear from you. How are things?',
    ],
  },
  {
    rank: 20,
    pattern: /\bmy (.+)/,
    answers: [
      'Your {1}: tell me more about it.',
      'What is it about your {1} that matters to you?',
      'Why do you mention your {1}?',
    ],
  },
  {
    rank: 15,
    pattern: /^(?:what|who|where|when|which|how|why)\b.*\?/,
    answers: [
      'What do you think yourself?',
      'That is a good question. What would be a good answer for you?',
      'Why does that interest you?',
    ],
  },
  {
    rank: 10,
    pattern: /\?\s*$/,
    answers: ['What would you like to hear?', 'What do you think?', 'What made you ask?'],
  },
];

/** When nothing fits. */
export const fallbacks: readonly string[] = [
  'Please go on.',
  'Tell me more about that.',
  'I see. And what does that mean to you?',
  'How do you feel about it?',
  'What comes to mind when you think of that?',
  'Can you give me an example?',
];

/** When nothing fits, and something was said of `my …` before. */
export const memories: readonly string[] = [
  'Earlier you spoke of your {1}. Has that to do with it?',
  'Let us come back to your {1} for a moment.',
];

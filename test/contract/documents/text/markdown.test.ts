import t from 'tap';
import {
  code,
  list,
  type Reference,
  table,
  text,
} from '../../../../src/contract/documents/reference/reference.ts';
import { llmsOf } from '../../../../src/contract/documents/text/llms.ts';
import { markdownOf } from '../../../../src/contract/documents/text/markdown.ts';

const reference: Reference = {
  title: 'Parley',
  version: '1.2.3',
  description: 'A bus.',
  sections: [
    { id: 'credentials', title: 'Credentials', blocks: [text('Show one.')], entries: [] },
    { id: 'limits', title: 'Limits', blocks: [text('Many.')], entries: [] },
    {
      id: 'a',
      title: 'An API',
      blocks: [text('What it is.')],
      entries: [
        {
          id: 'a.get',
          title: 'GET /a',
          summary: 'Reads it',
          blocks: [list('one', 'two'), table(['x'], [['a|b\nc']]), code('Answer', 'a ``` b')],
        },
        { id: 'a.shape.Thing', title: 'Thing', summary: 'A shape', blocks: [] },
      ],
    },
  ],
};

t.test('a reference is Markdown whose tables and fences hold whatever they say', async (t) => {
  t.equal(
    markdownOf(reference).slice(markdownOf(reference).indexOf('## An API')),
    [
      '## An API\n\nWhat it is.\n\n### GET /a\n\nReads it.\n\n- one\n- two\n',
      '| x |\n| --- |\n| a\\|b c |\n',
      'Answer:\n\n````\na ``` b\n````\n',
      '### Thing\n\nA shape.\n',
    ].join('\n'),
  );
});

t.test('in short it has a line for what can be asked, and no shapes', async (t) => {
  const short = llmsOf(reference, 'https://chat.example.org');
  t.match(short, /^# Parley 1\.2\.3\n\n> A bus\.\n\nBase URL: https:\/\/chat\.example\.org\n/);
  t.match(short, /## Credentials\n\nShow one\./);
  t.match(short, /## An API\n\nWhat it is\.\n\n- GET \/a - Reads it\n/);
  t.notMatch(short, /Thing|Many/);
});

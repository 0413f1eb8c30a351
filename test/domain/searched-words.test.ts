import t from 'tap';
import { readSearchedWords } from '../../src/domain/searched-words.ts';

t.test('words of scripts with spaces go to PostgreSQL as they are', async (t) => {
  t.same(readSearchedWords('closed "the harbour" -office or pier'), {
    plain: 'closed "the harbour" -office or pier',
    pairs: '',
    contained: [],
    marked: ['closed', 'the', 'harbour', 'pier'],
  });
});

t.test('words of scripts without are looked for by pairs, and as they stand', async (t) => {
  t.same(readSearchedWords('hello 去北京'), {
    plain: 'hello',
    pairs: "'去北'&'北京'",
    contained: ['去北京'],
    marked: ['hello', '去北京'],
  });
  t.equal(readSearchedWords('京').pairs, "'京'");
  t.same(readSearchedWords('-北京').pairs, "!('北京')");
  t.same(readSearchedWords('-北京').contained, []);
  t.equal(readSearchedWords("v2版本')|x").pairs, "'版本'", 'nothing but such characters');
});

t.test('a box full of signs asks for nothing', async (t) => {
  for (const text of ['""', '!!!', '---', '"', '-""']) t.same(readSearchedWords(text).marked, [], text);
});

t.test('a link is looked for by its host, and as it stands', async (t) => {
  t.same(readSearchedWords('see https://ann@example.org:8080/a-b?c=d#e -https://other.example/x'), {
    plain: 'see example.org -https://other.example/x',
    pairs: '',
    contained: ['https://ann@example.org:8080/a-b?c=d#e'],
    marked: ['see', 'https://ann@example.org:8080/a-b?c=d#e'],
  });
  for (const none of ['https://', 'http://[::1]/', '://x', 'a:b', '"https://example.org/a"'])
    t.same(readSearchedWords(none).contained, [], none);
});

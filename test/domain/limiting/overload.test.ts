import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { overloaded, overloads } from '../../../src/domain/limiting/overload.ts';
import { repository } from '../../kit/temporary.ts';

const sources = readdirSync(join(repository, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && path !== 'domain/limiting/overload.ts')
  .map((path) => ({ path, text: readFileSync(join(repository, 'src', path), 'utf8') }));

t.test('a refusal says which bound was met, to metrics alone', async (t) => {
  t.match(overloaded('head_checks'), { code: 'overloaded', overload: 'head_checks', retryAfterMs: 1000 });
  t.match(overloaded('logins', 'Too many logins at once.'), { message: 'Too many logins at once.' });
  const detail = { reason: 'too_many_sockets', retryAfterMs: 5_000 };
  t.match(overloaded('sockets', undefined, detail), { ...detail, overload: 'sockets' });
});

t.test('nothing is refused as too much without saying what', async (t) => {
  const unnamed = sources.filter(({ text }) => /new Problem\(\s*'overloaded'/.test(text));
  t.same(
    unnamed.map(({ path }) => path),
    [],
  );
});

t.test('every bound that is declared is met somewhere', async (t) => {
  const all = sources.map(({ text }) => text).join('\n');
  for (const what of Object.keys(overloads)) {
    // The queue of commands answers with the name of what is full.
    t.ok(all.includes(`overloaded('${what}'`) || all.includes(`'${what}'`), what);
  }
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { repository } from '../../kit/temporary.ts';

const built = join(repository, 'dist/src');
// tsc writes each declaration on one line.
const atOnce = /^(?:import|export) .*['"]@(?:aws-sdk|smithy|aws)\//;
const later = /\bimport\(['"](@aws-sdk\/[^'"]+)['"]\)/g;

t.test('a node without a store never loads the SDK: no module that is built does so at once', async (t) => {
  const paths = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.js'),
  );
  const texts = paths.map((path) => readFileSync(join(built, path), 'utf8'));
  const named = (form: RegExp): string[] =>
    texts.flatMap((text) => [...text.matchAll(form)].map(([, name = '']) => name));
  const imports = texts.flatMap((text) => text.split('\n')).filter((line) => atOnce.test(line));
  t.same(imports, []);
  t.same(named(later).sort(), ['@aws-sdk/client-s3', '@aws-sdk/s3-request-presigner']);
  t.match("import { S3Client } from '@aws-sdk/client-s3';", atOnce, 'it would be found');
});

import { randomBytes } from 'node:crypto';
import t from 'tap';
import { openUrlSigner } from '../../../../../src/adapters/system/url-signer.ts';
import { openMediaUrls, type UploadQuery } from '../../../../../src/dialects/vero/chat/media/media-urls.ts';

const second = 1_000_000;
const start = 1_795_168_800 * second;
const id = '0193a1f0-5b7e-7c31-9d42-6f1c0e8a2b77';
const media = { tenant: 'acme', id, contentType: 'image/png', sizeBytes: 5, expiresAt: start + 900 * second };

function open() {
  let now = start;
  const signer = openUrlSigner(randomBytes(32));
  const base = (): string => 'https://parley.example.com';
  return {
    urls: openMediaUrls({ signer, base, now: () => now }),
    wait: (seconds: number): void => {
      now += seconds * second;
    },
  };
}

const queryOf = (url: string): UploadQuery => Object.fromEntries(new URL(url).searchParams);

t.test('a URL for an upload counts until the upload expires', async (t) => {
  const { urls, wait } = open();
  const url = urls.upload(media);
  t.ok(url.startsWith(`https://parley.example.com/v1/chat/media/${id}/content?`));
  const query = queryOf(url);
  t.ok(urls.mayUpload(id, query));
  wait(899);
  t.ok(urls.mayUpload(id, query));
  wait(1);
  t.notOk(urls.mayUpload(id, query), '15 minutes');
});

t.test('a URL for reading counts for an hour', async (t) => {
  const { urls, wait } = open();
  const query = queryOf(urls.read('content', media, null));
  t.ok(urls.mayRead('content', id, query));
  wait(3_599);
  t.ok(urls.mayRead('content', id, query));
  wait(1);
  t.notOk(urls.mayRead('content', id, query));
});

t.test('a URL allows what it was signed for, and nothing else', async (t) => {
  const { urls } = open();
  const content = queryOf(urls.read('content', media, 'm1'));
  t.ok(urls.mayRead('content', id, content));
  t.notOk(urls.mayRead('thumbnail', id, content));
  t.notOk(urls.mayUpload(id, { ...content, type: 'image/png', size: '5' }));
  t.notOk(urls.mayRead('content', id.replace('7', '8'), content));
  const upload = queryOf(urls.upload(media));
  t.notOk(urls.mayRead('content', id, upload));
  const changes = [{ message: 'm2' }, { message: undefined }, { tenant: 'other' }, { expires: '9999999999' }];
  const odd = [{ expires: 'NaN' }, { expires: '1e99' }, { expires: undefined }, { signature: undefined }];
  for (const change of [...changes, ...odd]) {
    t.notOk(urls.mayRead('content', id, { ...content, ...change }), JSON.stringify(change));
  }
  for (const change of [{ type: 'image/svg+xml' }, { size: '500' }, { size: undefined }]) {
    t.notOk(urls.mayUpload(id, { ...upload, ...change }), JSON.stringify(change));
  }
  t.notOk(open().urls.mayRead('content', id, content), 'with another key');
});

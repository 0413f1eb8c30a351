import t from 'tap';
import type { BodyStream } from '../../../src/contract/operation.ts';
import { mediaTypes, useUpload } from '../../../src/dialects/eliza/uploads.ts';
import { limits } from '../../../src/domain/limits.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { FormRules, Forms } from '../../../src/ports/http/forms.ts';

type Media = Parameters<typeof useUpload>[0];

/** A body of so many bytes, as announced, and what the reader of forms is told of it. */
async function upload(bytesMax: number, lengthBytes: number) {
  let told: FormRules | null = null;
  const forms: Forms = {
    async use(_, rules) {
      told = rules;
      return new Problem('too_large', 'It is larger.', { reason: 'file_too_large' });
    },
  };
  const media = { forms, uploads: { bytesMax } } as unknown as Media;
  const stream: BodyStream = {
    contentType: 'multipart/form-data',
    lengthBytes,
    pieces: (async function* () {})(),
  };
  const outcome = await useUpload(media, stream, mediaTypes, async () => 'done');
  return { outcome, told: told as FormRules | null };
}

t.test('files may be as large as the deployment allows, and never larger than 50 MB', async (t) => {
  const small = await upload(1_000, 900);
  t.equal(small.told?.fileBytesMax, 1_000);
  t.match(small.outcome, {
    code: 'too_large',
    wireCode: 'FILE_TOO_LARGE',
    message: 'The file may have 1000 bytes',
  });
  t.equal((await upload(limits.mediaBytesMax, 900)).told?.fileBytesMax, limits.uploadedFileBytesMax);
  const announced = await upload(1_000, 1_001 + limits.formOverheadBytesMax);
  t.match(announced, { outcome: { wireCode: 'FILE_TOO_LARGE' }, told: null }, 'refused before it is read');
});

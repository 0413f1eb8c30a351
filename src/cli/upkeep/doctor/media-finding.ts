/** Does the store of media answer, with this bucket and these keys? For `parley doctor`. */
import { openS3Blobs } from '../../../adapters/media-s3/s3-blobs.ts';
import { openClock } from '../../../adapters/system/clock.ts';
import { s3PlaceOf } from '../../../compose/media-blobs.ts';
import type { Config } from '../../../config/config.ts';
import { quietLogger } from '../../quiet-logger.ts';
import type { Finding } from './finding.ts';

const remedies = {
  'no such bucket': 'make it, or set PARLEY_S3_BUCKET',
  refused:
    'are PARLEY_S3_ACCESS_KEY, _SECRET_KEY and _REGION right, and may they list, read, write and delete?',
  away: 'is PARLEY_S3_ENDPOINT right? Files are answered 503 meanwhile',
} as const;

/** Nothing, where files lie on disk. */
export async function checkMediaStore(config: Config): Promise<readonly Finding[]> {
  const place = s3PlaceOf(config);
  if (place === null) return [];
  const check = 'media store';
  const blobs = await openS3Blobs({ place, clock: openClock(), logger: quietLogger });
  try {
    const state = await blobs.check();
    if (state === 'ok') return [{ check, status: 'ok', found: `bucket ${place.bucket}` }];
    return [{ check, status: 'fail', found: state, remedy: remedies[state] }];
  } finally {
    blobs.close();
  }
}

import t from 'tap';
import { checkMediaStore } from '../../../../src/cli/upkeep/doctor/media-finding.ts';
import { readEnvironment } from '../../../../src/config/config.ts';
import { startS3Server } from '../../../kit/outside/s3/s3-server.ts';

t.test('a store of media is found well, wrong in one of three ways, or not mentioned', async (t) => {
  const store = await startS3Server(t);
  const check = (more: object) => checkMediaStore(readEnvironment({ ...store.env, ...more }, 'serve').config);
  t.same(await checkMediaStore(readEnvironment({}, 'serve').config), []);
  t.same(await check({}), [{ check: 'media store', status: 'ok', found: 'bucket media' }]);
  t.match(await check({ PARLEY_S3_BUCKET: 'other' }), [
    { status: 'fail', found: 'no such bucket', remedy: /PARLEY_S3_BUCKET/ },
  ]);
  const refused = await check({ PARLEY_S3_SECRET_KEY: 'hunter2' });
  t.match(refused, [{ status: 'fail', found: 'refused', remedy: /PARLEY_S3_ACCESS_KEY/ }]);
  t.notMatch(JSON.stringify(refused), /hunter2/);
  await store.be('gone');
  t.match(await check({}), [{ status: 'fail', found: 'away', remedy: /PARLEY_S3_ENDPOINT/ }]);
});

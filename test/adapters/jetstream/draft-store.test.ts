import t from 'tap';
import { openDraftStore } from '../../../src/adapters/jetstream/draft-store.ts';
import { freshRef } from '../../kit/log-entries.ts';

/** A store whose stream answers one message without a body and with this status. */
function answering(code: number) {
  const message = { data: new Uint8Array(), headers: { code, get: () => '' } };
  const requester = { requestMany: async () => ({ messages: [message], end: 'message' }) };
  return openDraftStore(requester as never, { partitions: 1 } as never);
}

t.test('only "not found" and the end of a page mean that there is no draft', async (t) => {
  const ref = freshRef();
  for (const code of [404, 204]) t.same(await answering(code).read(ref), []);
  for (const code of [400, 408, 409, 413, 500, 503])
    t.match(await answering(code).read(ref), { code: 'unavailable' }, `${code}`);
});

import t from 'tap';
import { openIncoming } from '../../../src/core/media/incoming.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { Arrival, BlobId, DirectIntake, MediaRecord } from '../../../src/ports/media.ts';

const declared = { id: 'm', tenant: 'acme', contentType: 'text/plain', sizeBytes: 7 } as MediaRecord;

/** One pending upload and a store that uploads go to, seen by two nodes. */
function stage() {
  const blobs = new Set<BlobId>();
  const state = {
    arrival: { id: 'm', version: '1' } as Arrival | null,
    outcome: 'taken' as 'taken' | 'changed' | Problem,
    status: 'pending' as MediaRecord['status'],
    blob: null as BlobId | null,
  };
  const intake: DirectIntake = {
    kind: 'direct',
    urlOf: async ({ id }) => `https://store.example/${id}`,
    find: async () => state.arrival,
    async take(_, blob) {
      if (state.outcome === 'taken') blobs.add(blob);
      return state.outcome;
    },
    async discard() {
      state.arrival = null;
      return null;
    },
  };
  let made = 0;
  const node = () =>
    openIncoming({
      store: {
        async uploaded(_tenant, _id, blob) {
          if (state.status === 'ready') return new Problem('conflict');
          const former = state.blob;
          state.blob = blob;
          return { former };
        },
      },
      blobs: {
        intake,
        async delete(blob) {
          blobs.delete(blob);
          return null;
        },
      },
      ids: { next: () => `blob-${++made}`, fromName: () => '', ofText: () => '' },
    });
  return { blobs, state, node };
}

t.test(
  'what arrived is taken to a blob that the record names, and forgotten when it is confirmed',
  async (t) => {
    const { blobs, state, node } = stage();
    const incoming = node();
    t.equal(await incoming.urlOf(declared), 'https://store.example/m');
    t.equal(await incoming.arrived(declared), 'blob-1');
    t.equal(state.blob, 'blob-1');
    await incoming.settled(declared, 'blob-1', true);
    t.equal(state.arrival, null);
    t.same([...blobs], ['blob-1']);
  },
);

t.test('what did not arrive, or changed meanwhile, is incomplete', async (t) => {
  const { state, node } = stage();
  const incoming = node();
  state.outcome = 'changed';
  t.match(await incoming.arrived(declared), { code: 'conflict', reason: 'upload_incomplete' });
  state.arrival = null;
  t.match(await incoming.arrived(declared), { code: 'conflict', reason: 'upload_incomplete' });
});

t.test('a store that fails in the middle leaves a record that names what may be there', async (t) => {
  const { blobs, state, node } = stage();
  const incoming = node();
  state.outcome = new Problem('unavailable');
  t.match(await incoming.arrived(declared), { code: 'unavailable' });
  t.equal(state.blob, 'blob-1');
  // The copy was made after all, and nobody heard of it.
  blobs.add('blob-1');
  state.outcome = 'taken';
  t.equal(await incoming.arrived(declared), 'blob-2');
  t.same([...blobs], ['blob-2']);
});

t.test('of two nodes that confirm at once one wins, and one blob stays', async (t) => {
  const { blobs, state, node } = stage();
  const [one, other] = [node(), node()];
  t.equal(await one.arrived(declared), 'blob-1');
  t.equal(await other.arrived(declared), 'blob-2');
  // The record names the second one: the first finds that it is not confirmed.
  await one.settled(declared, 'blob-1', false);
  state.status = 'ready';
  await other.settled(declared, 'blob-2', true);
  t.same([...blobs], ['blob-2']);
  state.arrival = { id: 'm', version: '2' };
  t.match(await one.arrived(declared), { code: 'conflict' }, 'nothing is taken any more');
  t.same([...blobs], ['blob-2']);
});

t.test('a node takes no bytes for a store that takes them itself', async (t) => {
  async function* pieces() {
    yield Buffer.from('harbour');
  }
  t.match(await stage().node().receive(declared, pieces()), { code: 'conflict' });
});

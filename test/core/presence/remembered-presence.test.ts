import t from 'tap';
import { RememberedPresence } from '../../../src/core/presence/remembered-presence.ts';
import { limits } from '../../../src/domain/limits.ts';

t.test('however many come and go, whoever is here is not forgotten', async (t) => {
  const presence = new RememberedPresence();
  presence.note('one', { key: 'acme/ada', status: 'busy', at: 1 });
  for (let at = 2; at <= limits.presenceKeptMax + 2; at += 1)
    presence.note('two', { key: `acme/guest-${at}`, status: null, at });
  t.same(presence.of('acme/ada'), { status: 'busy', lastSeen: null });
  t.same(presence.of('acme/guest-2'), { status: 'offline', lastSeen: null }, 'who left longest ago is');
  t.same(presence.of('acme/guest-3'), { status: 'offline', lastSeen: 3 });
});

t.test('who left one node is seen at the other, and was seen last when it left that one', async (t) => {
  const presence = new RememberedPresence();
  presence.note('one', { key: 'acme/ada', status: 'online', at: 1 });
  presence.note('two', { key: 'acme/ada', status: 'away', at: 2 });
  presence.note('two', { key: 'acme/ada', status: null, at: 3 });
  t.same(presence.of('acme/ada'), { status: 'online', lastSeen: null });
  presence.lose('one', 4);
  t.same(presence.of('acme/ada'), { status: 'offline', lastSeen: 4 });
  presence.note('one', { key: 'acme/ada', status: null, at: 3 });
  t.same(presence.of('acme/ada'), { status: 'offline', lastSeen: 4 }, 'an older word changes nothing');
});

/** Who is silent is asked, and then closed. */
import t from 'tap';
import { openIdleWatch } from '../../../src/adapters/uws/idle-watch.ts';
import type { UwsPeer } from '../../../src/adapters/uws/uws-peer.ts';

t.test('a silent socket is pinged, and closed as idle unless it answers', async (t) => {
  let nowMs = 0;
  const watch = openIdleWatch(() => nowMs);
  const told: string[] = [];
  const peer = (name: string) =>
    ({
      ping: () => told.push(`ping ${name}`),
      close: (reason: string) => told.push(`${reason} ${name}`),
    }) as unknown as UwsPeer;
  const [lively, silent, gone] = [peer('lively'), peer('silent'), peer('gone')];
  for (const one of [lively, silent, gone]) watch.begin(one, 120);
  watch.end(gone);
  for (; nowMs <= 125_000; nowMs += 5_000) {
    const before = told.length;
    watch.look();
    if (told.slice(before).includes('ping lively')) watch.heard(lively);
  }
  t.same(
    told.filter((one) => one.endsWith('silent')),
    ['ping silent', 'ping silent', 'ping silent', 'idle silent'],
  );
  t.ok(told.filter((one) => one === 'ping lively').length >= 3);
  t.notOk(told.some((one) => one === 'idle lively' || one.endsWith('gone')));
});

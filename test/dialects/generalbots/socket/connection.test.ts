import t from 'tap';
import { noTracing } from '../../../../src/contract/no-tracing.ts';
import type { SocketPeer } from '../../../../src/contract/sockets/socket.ts';
import type { Admitted } from '../../../../src/dialects/generalbots/socket/admission.ts';
import { BotConnection, type SocketWorld } from '../../../../src/dialects/generalbots/socket/connection.ts';
import { Problem } from '../../../../src/domain/problem.ts';
import { until } from '../../../kit/log-entries.ts';
import { silentLogger } from '../../../kit/memory/silent-logger.ts';

const principal = { tenant: 'acme', id: 'ada' };
const bound = { principal, session: 's', conversation: 'c', bot: 'b', isBegun: true };
const admitted = { bound, shown: principal, guest: null, streams: false } as unknown as Admitted;

/** What a socket of a session that is there is told, when following it ends like this. */
function connected(open: (refuse: (problem: Problem) => void) => Promise<void>) {
  const told: { readonly type: string; readonly code?: string }[] = [];
  let sessions = 0;
  const live = {
    begin: () => {
      sessions += 1;
      return { principal };
    },
    open: (_: unknown, __: unknown, answer: (opened: [], refused: { problem: Problem }[]) => void) =>
      open((problem) => answer([], [{ problem }])),
    end: () => {
      sessions -= 1;
    },
  };
  const world = {
    ...{ live, logger: silentLogger(), newName: () => 'name' },
    chat: { clock: { nowMicros: () => 0, monotonicMs: () => 0 } },
  } as unknown as SocketWorld;
  const peer = {
    ...{ isOpen: true, context: { env: null } },
    send: (frame: string) => told.push(JSON.parse(frame)),
    refused: () => undefined,
    tracing: noTracing,
  } as unknown as SocketPeer;
  const connection = new BotConnection(world, peer, admitted);
  return { told, connection, sessions: () => sessions };
}

t.test('a socket whose session cannot be followed is told', async (t) => {
  const away = connected(async (refuse) => refuse(new Problem('unavailable')));
  await until(() => away.told.length === 2);
  t.match(away.told, [{ type: 'connected' }, { type: 'error', code: 'unavailable' }]);
  t.equal(away.sessions(), 1, 'and keeps no seat in it');
  const broken = connected(async () => {
    throw new Error('broken');
  });
  await until(() => broken.told.length === 2);
  t.match(broken.told, [{ type: 'connected' }, { type: 'error', code: 'internal' }]);
  t.equal(broken.sessions(), 1);
  t.equal(broken.connection.seated(), null);
});

import t from 'tap';
import { Audience } from '../../../../src/core/live/audience.ts';
import type { PresencePulse, Wording } from '../../../../src/core/live/live-bus.ts';
import { openPulseDelivery } from '../../../../src/core/live/pulses/pulse-delivery.ts';
import { Session } from '../../../../src/core/live/session.ts';
import { limits } from '../../../../src/domain/limits.ts';
import type { Participant } from '../../../../src/domain/state.ts';
import { emptyState } from '../../../../src/domain/state.ts';
import { type MemorySocket, MemorySockets } from '../../../kit/memory/memory-sockets.ts';
import { principal } from '../../../kit/servers/core-node.ts';

/** Says every pulse in its conversation, and presence once more to each socket. */
const wording: Wording = {
  dialect: 'test',
  event: () => null,
  delta: () => null,
  pulse: (pulse, view) => JSON.stringify({ in: view.ref.conversation, kind: pulse.kind }),
  presence: (pulse) => JSON.stringify({ presence: pulse.status }),
};

/** Conversations with the same three participants; a socket of each of these, and of an observer, follows all. */
function opened(conversations: readonly string[]) {
  const sockets = new MemorySockets();
  const state = {
    ...emptyState(),
    participants: new Map<string, Participant>(
      ['ann', 'bob', 'iris'].map((id) => [
        id,
        { id, kind: 'user', role: 'member', joinedAt: 0, joinedSeq: 0 },
      ]),
    ),
  };
  const seen = new Map<string, MemorySocket>();
  const sessions = ['ann', 'bob', 'eve'].map((id) => {
    const socket = sockets.socket();
    seen.set(id, socket);
    return new Session(principal('acme', id), socket, wording, null);
  });
  const audiences = conversations.map((conversation) => {
    const audience = new Audience({ tenant: 'acme', service: null, conversation });
    for (const session of sessions) audience.add(session);
    return { audience, view: { ref: { tenant: 'acme', service: null, conversation }, state } };
  });
  const pulses = openPulseDelivery();
  return {
    /** As it arrives: once in each conversation. */
    send(pulse: Omit<PresencePulse, 'conversation' | 'kind'>) {
      for (const { audience, view } of audiences)
        pulses.send(audience, { ...pulse, kind: 'presence', conversation: view.ref.conversation }, view);
    },
    told: (id: string) => seen.get(id)?.frames.splice(0) ?? [],
    socket: (id: string) => seen.get(id),
  };
}

const inEach = [
  { in: 'c1', kind: 'presence' },
  { in: 'c2', kind: 'presence' },
];

t.test('news of presence is told once to each participant, in each conversation to everybody', async (t) => {
  const { send, told } = opened(['c1', 'c2']);
  send({ from: 'ann', status: 'away', news: 'n1' });
  t.same(told('bob'), [{ presence: 'away' }, ...inEach]);
  t.same(told('eve'), inEach, 'an observer shares no conversation');
  t.same(told('ann'), [], 'not to itself');
  send({ from: 'ann', status: 'busy', news: 'n2' });
  t.same(told('bob')[0], { presence: 'busy' });
});

t.test('an echo reaches the sockets of its author, too', async (t) => {
  const { send, told } = opened(['c1']);
  send({ from: 'ann', status: 'online', cause: 'connected', echo: true, news: 'n1' });
  t.same(told('ann'), [{ in: 'c1', kind: 'presence' }]);
});

t.test('who reads slowly misses the news, and hears them later in the next conversation', async (t) => {
  const { send, told, socket } = opened(['c1']);
  const bob = socket('bob');
  if (bob !== undefined) bob.bufferedBytes = limits.outboxPulseBytesMax + 1;
  send({ from: 'ann', status: 'away', news: 'n1' });
  t.same(told('bob'), []);
  if (bob !== undefined) bob.bufferedBytes = 0;
  send({ from: 'ann', status: 'away', news: 'n1' });
  t.same(told('bob')[0], { presence: 'away' });
});

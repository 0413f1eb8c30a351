import t from 'tap';
import { mayRead, requireParticipant, standingOf } from '../../src/domain/permissions.ts';
import { emptyState } from '../../src/domain/state.ts';
import { ada, cleo, dora, harbour, hook, iris, refusal } from '../kit/memory/memory-harbour.ts';
import { agent, person, service } from '../kit/memory/memory-principals.ts';

const observe = ['cap:messaging.observe'] as const;

t.test('whoever is in it takes part, others know nothing of it', async (t) => {
  const { state } = harbour();
  for (const who of [ada, cleo, iris, hook]) t.equal(standingOf(state, who, null), 'participant');
  t.equal(standingOf(state, dora, null), null);
  t.equal(mayRead(state, dora, null), false);
});

t.test('who may observe reads what it is not in, and acts nowhere', async (t) => {
  const { state } = harbour();
  for (const who of [
    person('dora', { scopes: observe }),
    agent('nova', { scopes: observe }),
    person('dora', { superAdmin: true }),
  ]) {
    t.equal(standingOf(state, who, null), 'observer');
    t.equal(refusal(requireParticipant(state, who, null)), 'not_a_participant');
  }
});

t.test(
  'a key bound to a service observes that service only, and takes part in what is of no service',
  async (t) => {
    const bound = service('hook', { service: 'billing', scopes: observe });
    const outside = service('cron', { service: 'billing', scopes: observe });
    t.equal(standingOf(harbour({ service: 'billing' }).state, bound, null), 'participant');
    t.equal(standingOf(harbour().state, bound, null), 'participant');
    t.equal(standingOf(harbour({ service: 'support' }).state, bound, null), null);
    t.equal(standingOf(harbour({ service: 'billing' }).state, outside, null), 'observer');
    t.equal(standingOf(harbour().state, outside, null), null);
    t.equal(standingOf(harbour({ service: 'support' }).state, outside, null), null);
  },
);

t.test('a named environment hides the conversations of the others, from observers too', async (t) => {
  const { state } = harbour({ env: 'stage' });
  t.equal(standingOf(state, cleo, 'stage'), 'participant');
  t.equal(standingOf(state, cleo, 'dev'), null);
  t.equal(standingOf(state, cleo, null), 'participant');
  t.equal(standingOf(state, person('dora', { scopes: observe }), 'dev'), null);
});

t.test('what was never created and what was deleted is seen by nobody', async (t) => {
  const c = harbour();
  c.accept(ada, { op: 'conversation.delete' });
  for (const state of [emptyState(), c.state]) {
    t.equal(standingOf(state, ada, null), null);
    t.equal(standingOf(state, person('ada', { superAdmin: true }), null), null);
  }
});

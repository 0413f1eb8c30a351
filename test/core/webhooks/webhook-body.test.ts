import t from 'tap';
import { webhookBody } from '../../../src/core/webhooks/webhook-body.ts';
import type { DataClass, Event } from '../../../src/domain/event.ts';
import { freshRef, messageEntry } from '../../kit/log-entries.ts';

const { event } = messageEntry(freshRef(), 1, 'a canary');
const bodyOf = (dataClass: DataClass, one: Event = event) =>
  JSON.parse(webhookBody({ event: one, dataClass }));

t.test('an event goes as it is, in an envelope', (t) => {
  for (const dataClass of ['none', 'pii'] as const)
    t.same(bodyOf(dataClass), { type: 'message.posted', timestamp: event.at, data: event });
  t.end();
});

t.test('of sealed classes no text goes, neither sealed nor by a mistake in the clear', (t) => {
  const sealed = { ...event, data: { ...event.data, content: '', sealed: 'v1.1.canary' } } as Event;
  for (const dataClass of ['phi', 'secret'] as const)
    for (const one of [event, sealed]) {
      const body = bodyOf(dataClass, one);
      t.notMatch(JSON.stringify(body), /canary|"sealed"/);
      t.match(body, { withheld: dataClass, data: { id: event.id, position: 1, data: { content: '' } } });
    }
  t.end();
});

t.test('an event without texts has nothing to withhold', (t) => {
  const data = { message_id: 'm', by: 'ann' };
  const deleted = { ...event, type: 'message.deleted', data } as Event;
  t.same(bodyOf('phi', deleted), { type: 'message.deleted', timestamp: event.at, data: deleted });
  t.end();
});

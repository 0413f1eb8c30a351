import fc from 'fast-check';
import t from 'tap';
import {
  closedEvent,
  hasTexts,
  sealedTextOf,
  textsOf,
  withoutTexts,
  withTexts,
} from '../../../src/core/sealing/event-texts.ts';
import type { Event } from '../../../src/domain/event.ts';
import { eventStream } from '../../kit/clients/event-stream.ts';

const { appended } = eventStream({ seed: 7, conversations: 4, commands: 400 });
const events = appended.map(({ entry }) => entry.event);

t.test('of metadata only who may see the message stays', async (t) => {
  const posted = events.find(({ type }) => type === 'message.posted');
  for (const type of ['message.posted', 'message.edited']) {
    const of = (metadata: object) => ({ ...posted, type, data: { ...posted?.data, metadata } }) as Event;
    const kept = (metadata: object) => withoutTexts(of(metadata), 'the seal').data;
    t.match(kept({ is_internal: true, note: 'x' }), { metadata: { is_internal: true } });
    t.notMatch(JSON.stringify(kept({ is_internal: true, note: 'x' })), /note/);
    t.same((kept({ is_internal: 'secret' }) as { metadata: unknown }).metadata, {});
    const event = of({ note: 'x', is_internal: true });
    t.same(withTexts(withoutTexts(event, 'the seal'), textsOf(event)), event);
  }
});

t.test('an event without its texts holds none of them, and with them again it is what it was', async (t) => {
  const types = new Set<string>();
  for (const event of events.filter(hasTexts)) {
    types.add(event.type);
    const sealed = withoutTexts(event, 'the seal');
    t.equal(sealedTextOf(sealed), 'the seal');
    t.equal(Object.keys(sealed.data).at(-1), 'sealed', 'the last field: the live feed looks there');
    const {
      content = '',
      name = null,
      description = null,
      reason = '',
      metadata = {},
    } = sealed.data as Record<string, unknown>;
    const isInternal = 'metadata' in event.data && event.data.metadata?.['is_internal'] === true;
    t.same(
      [content, name, description, reason, metadata],
      ['', null, null, '', isInternal ? { is_internal: true } : {}],
    );
    t.equal(JSON.stringify(withTexts(sealed, textsOf(event))), JSON.stringify(event));
  }
  t.same([...types].sort(), [
    'control',
    'conversation.created',
    'conversation.updated',
    'message.edited',
    'message.posted',
  ]);
});

t.test('any text and any metadata comes back', async (t) => {
  const posted = events.find((event) => event.type === 'message.posted') as Event;
  const text = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(
      text,
      fc.dictionary(fc.string(), fc.jsonValue({ noUnicodeString: false })),
      (content, metadata) => {
        const event = { ...posted, data: { ...posted.data, content, metadata } } as Event;
        const back = withTexts(withoutTexts(event, 's'), textsOf(event));
        t.equal(JSON.stringify(back), JSON.stringify(event));
      },
    ),
    { numRuns: 200 },
  );
});

t.test('what is closed for good says so, and nothing else', async (t) => {
  for (const event of events.filter(hasTexts)) {
    const closed = closedEvent(withoutTexts(event, 'the seal'), 'erased');
    t.equal(sealedTextOf(closed), 'erased');
    t.notMatch(JSON.stringify(closed), /the seal/);
  }
});

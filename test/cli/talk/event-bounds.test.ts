import { InvalidArgumentError } from 'commander';
import t from 'tap';
import { isWithin } from '../../../src/cli/talk/event-bounds.ts';
import { eventTypesOption, timeOption } from '../../../src/cli/talk/option-values.ts';

const event = { position: 7, at: '2026-01-31T10:00:00.000000Z', type: 'control' } as const;

t.test('an event is within bounds that touch it', async (t) => {
  t.ok(isWithin(event, { from: 7, to: 7 }));
  t.notOk(isWithin(event, { from: 8 }));
  t.notOk(isWithin(event, { from: 1, to: 6 }));
  t.ok(isWithin(event, { from: 1, since: timeOption('2026-01-31T10:00Z') }));
  t.notOk(isWithin(event, { from: 1, until: timeOption('2026-01-31T10:00Z') }), 'the end is not in it');
  t.ok(isWithin(event, { from: 1, types: eventTypesOption('message.posted, control') }));
  t.notOk(isWithin(event, { from: 1, types: ['message.posted'] }));
});

t.test('what is no time, or no type, is told so', async (t) => {
  for (const text of ['', 'yesterday', '2026', '2026-13-01'])
    t.throws(() => timeOption(text), InvalidArgumentError, text);
  t.throws(() => eventTypesOption('control,posted'), /there is no posted; there are message\.posted/);
});

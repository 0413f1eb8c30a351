import t from 'tap';
import { EventWindow, eventsMax } from '../../src/console/live/event-window.ts';
import type { Event } from '../../src/domain/event.ts';

const at = (position: number): Event => ({ position }) as unknown as Event;
/** Events after one position up to another. */
const between = (after: number, upTo: number): Event[] =>
  Array.from({ length: upTo - after }, (_, index) => at(after + 1 + index));
const bounds = ({ first, last, events, isAtHead }: EventWindow): object => ({
  ...{ first, last, length: events.value.length, isAtHead: isAtHead.value },
});

t.test('a window that follows lets the oldest go', async (t) => {
  const window = new EventWindow();
  window.begin(10, 12);
  t.same(bounds(window), { first: 11, last: 10, length: 0, isAtHead: false });
  for (const event of between(10, 12 + eventsMax)) window.add(event, true);
  t.same(bounds(window), { first: 13, last: 12 + eventsMax, length: eventsMax, isAtHead: true });
  window.add(at(12 + eventsMax), true);
  t.equal(window.events.value.length, eventsMax, 'the same again changes nothing');
  t.equal(window.hasEarlier.value, true);
});

t.test('for who reads further up a full window stops, and goes on page by page', async (t) => {
  const window = new EventWindow();
  window.begin(0, 0);
  for (const event of between(0, eventsMax + 5)) window.add(event, false);
  t.same(bounds(window), { first: 1, last: eventsMax, length: eventsMax, isAtHead: false });
  t.equal(window.head.value, eventsMax + 5);
  window.putAfter(between(eventsMax - 2, eventsMax + 5));
  t.same(bounds(window), { first: 6, last: eventsMax + 5, length: eventsMax, isAtHead: true });
  window.putBefore(between(0, 7));
  t.same(bounds(window), { first: 1, last: eventsMax, length: eventsMax, isAtHead: false });
});

t.test('what comes while another place is shown is no part of it', async (t) => {
  const window = new EventWindow();
  window.begin(400, 500);
  window.replace(between(20, 60));
  window.add(at(501), true);
  t.same(bounds(window), { first: 21, last: 60, length: 40, isAtHead: false });
  t.equal(window.head.value, 501);
});

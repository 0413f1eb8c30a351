/** What the keys do that count everywhere. */
import type { Desk } from '../live/desk.ts';
import { inOrder } from '../live/summaries.ts';
import { open } from './opened.ts';
import { goTo, type Route } from './route.ts';

/** Does what a key stands for; false: nothing. */
export function press(key: string, desk: Desk, at: Route): boolean {
  const talk = at.at === 'conversation' ? desk.talk.value : null;
  switch (key) {
    case '?':
      open('shortcuts');
      return true;
    case 'n':
      open('new');
      return true;
    case '/':
      return focusOn('#find');
    case 'm':
      return focusOn('#composer');
    case 'p':
      if (talk?.powers.value.mayInterrupt === true) talk.steering.pauseOrResume();
      return talk !== null;
    case 'P':
      if (talk?.powers.value.mayInterrupt === true) open('pause');
      return talk !== null;
    case ',':
      if (talk !== null) open('about');
      return talk !== null;
    case 's':
      if (talk?.powers.value.mayInterrupt === true && talk.isRunning.value) talk.steering.preempt();
      return talk !== null;
    case 'Alt ArrowUp':
    case 'Alt ArrowDown':
      return goBy(desk, at, key === 'Alt ArrowUp' ? -1 : 1);
    default:
      return false;
  }
}

function focusOn(selector: string): boolean {
  const element = document.querySelector<HTMLElement>(selector);
  element?.focus();
  return element !== null;
}

function goBy(desk: Desk, at: Route, by: -1 | 1): boolean {
  const all = inOrder(desk.summaries.value);
  const here = at.at === 'conversation' ? all.findIndex(({ id }) => id === at.id) : -1;
  const next = all[here === -1 ? 0 : here + by];
  if (next !== undefined) goTo({ at: 'conversation', id: next.id, seq: null });
  return next !== undefined;
}

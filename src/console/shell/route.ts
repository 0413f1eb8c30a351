/** Where one is, as the part of the address behind `#`: a link to it works, and a reload stays there. */
import { signal } from '@preact/signals';

export type Route =
  | { readonly at: 'conversations' }
  /** `seq`: of a line that is looked for; null: the newest. */
  | { readonly at: 'conversation'; readonly id: string; readonly seq: number | null }
  | { readonly at: 'node' }
  | { readonly at: 'access' }
  | { readonly at: 'join'; readonly invite: string };

export const route = signal<Route>(readRoute(location.hash));

addEventListener('hashchange', () => {
  route.value = readRoute(location.hash);
});

export function hrefOf(to: Route): string {
  switch (to.at) {
    case 'conversation':
      return `#/c/${encodeURIComponent(to.id)}${to.seq === null ? '' : `/${to.seq}`}`;
    case 'join':
      return `#/join/${encodeURIComponent(to.invite)}`;
    case 'conversations':
      return '#/';
    default:
      return `#/${to.at}`;
  }
}

export function goTo(to: Route): void {
  location.hash = hrefOf(to);
}

/** Anything that is nowhere is the list. */
export function readRoute(hash: string): Route {
  const [, first = '', second = '', third = ''] = hash.split('/');
  const named = decoded(second);
  const seq = /^[1-9]\d{0,15}$/.test(third) ? Number(third) : null;
  if (first === 'c' && named !== '') return { at: 'conversation', id: named, seq };
  if (first === 'join' && named !== '') return { at: 'join', invite: named };
  if (first === 'node' || first === 'access') return { at: first };
  return { at: 'conversations' };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

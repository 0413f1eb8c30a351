/** Strokes on a grid of 16: all icons of the console. */
const paths = {
  back: 'M9.5 3.5 5 8l4.5 4.5',
  send: 'M8 13V3.5M3.8 7.5 8 3.3l4.2 4.2',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3.5v9l7-4.5z',
  stop: 'M4.5 4.5h7v7h-7z',
  people:
    'M6 7.5a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM2 13c0-2.2 1.8-3.6 4-3.6s4 1.4 4 3.6M10.6 3.3a2.2 2.2 0 0 1 0 4M12 9.8c1.3.5 2 1.7 2 3.2',
  plus: 'M8 3.5v9M3.5 8h9',
  smile:
    'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM5.7 9.4c.5.9 1.3 1.4 2.3 1.4s1.8-.5 2.3-1.4M6 6.4h.01M10 6.4h.01',
  pencil: 'm3 13 .6-2.6L10.7 3.3a1.3 1.3 0 0 1 1.9 0l.1.1a1.3 1.3 0 0 1 0 1.9L5.6 12.4z',
  trash: 'M3 4.5h10M6.5 4.5v-1.5h3v1.5M4.5 4.5l.5 8.5h6l.5-8.5',
  reply: 'M6.5 4 3 7.5 6.5 11M3.2 7.5H9a4 4 0 0 1 4 4v.5',
  key: 'M6 9.8a2.8 2.8 0 1 1 2.7-3.6H14v2.3h-1.7v1.7h-2V8.6H8.6A2.8 2.8 0 0 1 6 9.8ZM5.7 7h.01',
  pulse: 'M1.5 8.5H4l2-5 3.5 9 2-4h3',
  keyboard: 'M2 4.5h12v7H2zM4.5 7h.01M7 7h.01M9.5 7h.01M11.8 7h.01M5.5 9.5h5',
  shade: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 2v12M8 5h4.7M8 8h6M8 11h4.7',
  leave: 'M9.5 3H4v10h5.5M7 8h7M11.5 5.5 14 8l-2.5 2.5',
  close: 'm4 4 8 8M12 4l-8 8',
  floor:
    'M8 9.5A2.5 2.5 0 0 0 10.5 7V4.5a2.5 2.5 0 1 0-5 0V7A2.5 2.5 0 0 0 8 9.5ZM3.5 7a4.5 4.5 0 0 0 9 0M8 11.5V14',
  bubble: 'M2.5 3.5h11v7.5H8l-3 2.5V11H2.5z',
  link: 'M7 9 4.8 11.2a2.1 2.1 0 0 1-3-3L4 6M9 7l2.2-2.2a2.1 2.1 0 0 1 3 3L12 10M3 3l10 10',
  dots: 'M3 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0ZM7.5 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0ZM12 8a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0Z',
  copy: 'M5.5 5.5h7v7h-7zM3.5 10.5v-7h7',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

/** The sign of the house: a pennant. */
export function Pennant() {
  return (
    <svg class="pennant" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path class="pole" d="M8 4v24" />
      <path class="flag" d="M9.5 5.5 27 11 9.5 16.5z" />
    </svg>
  );
}

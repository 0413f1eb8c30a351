/** What people and agents wrote: text, and nothing else. Addresses of the web become links, by their own words. */
import { piecesOf } from './text-pieces.ts';

export function PlainText({ text }: { readonly text: string }) {
  return (
    <>
      {piecesOf(text).map(({ words, href }, index) =>
        href === null ? (
          words
        ) : (
          <a key={index} href={href} target="_blank" rel="noopener noreferrer nofollow">
            {words}
          </a>
        ),
      )}
    </>
  );
}

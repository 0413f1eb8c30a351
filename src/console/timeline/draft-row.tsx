/** A message that is being written, token by token. */
import { Face } from '../conversations/face.tsx';
import type { ShownDraft } from '../live/drafts.ts';
import type { Talk } from '../live/talk.ts';
import { PlainText } from './plain-text.tsx';

export function DraftRow({ talk, draft }: { readonly talk: Talk; readonly draft: ShownDraft }) {
  const author = talk.draftAuthor();
  const name = author === null ? 'An agent' : talk.nameOf(author);
  return (
    <article
      class={draft.isSilent ? 'message draft silent' : 'message draft'}
      aria-label={`${name} is writing`}
      aria-busy="true"
    >
      <div class="message-side">
        <Face name={name} isAgent />
      </div>
      <div class="message-main">
        <header class="message-head">
          <b class="name">{name}</b>
          <small class="tag live">{draft.isSilent ? 'fell silent' : 'writing'}</small>
          <code class="run" title={`run ${draft.run}`}>
            {draft.run.slice(-8)}
          </code>
        </header>
        <div class="content" dir="auto">
          <PlainText text={draft.text} />
          <i class="caret" />
        </div>
      </div>
      <span class="place-mark" title={`delta ${draft.index}`}>
        <span>Δ {draft.index + 1}</span>
      </span>
    </article>
  );
}

/** A message of one's own that the server has not acknowledged yet. */
import { Face } from '../conversations/face.tsx';
import type { Talk } from '../live/talk.ts';
import type { Pending } from '../live/unsent.ts';
import { PlainText } from './plain-text.tsx';

export function PendingRow({ talk, pending }: { readonly talk: Talk; readonly pending: Pending }) {
  const name = talk.nameOf(talk.self);
  return (
    <article
      class={pending.problem === null ? 'message pending' : 'message pending failed'}
      aria-label={`${name}, sending`}
    >
      <div class="message-side">
        <Face name={name} isAgent={false} />
      </div>
      <div class="message-main">
        <header class="message-head">
          <b class="name">{name}</b>
          <small class="after">{pending.problem === null ? 'sending…' : 'not sent'}</small>
        </header>
        <div class="content" dir="auto">
          <PlainText text={pending.content} />
        </div>
        {pending.problem !== null && (
          <p class="problem small" role="alert">
            {pending.problem}
            <button type="button" class="quiet" onClick={() => talk.outbox.retry(pending)}>
              Send again
            </button>
            <button type="button" class="quiet" onClick={() => talk.outbox.drop(pending.clientId)}>
              Drop
            </button>
          </p>
        )}
      </div>
    </article>
  );
}

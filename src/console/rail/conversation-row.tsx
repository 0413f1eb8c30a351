/** One conversation of the list: its name, what was said last, and how much of it is unread. */
import type { Desk } from '../live/desk.ts';
import { type Summary, titleOf } from '../live/summaries.ts';
import { Icon } from '../shell/icon.tsx';
import { hrefOf } from '../shell/route.ts';
import { shortTimeOf } from '../shell/words.ts';

interface RowProps {
  readonly desk: Desk;
  readonly summary: Summary;
  readonly isHere: boolean;
}

export function ConversationRow({ desk, summary, isHere }: RowProps) {
  const { id, unread, activityAt } = summary;
  // The list of the server does not say it: it is known of what is open, and of what was heard of since.
  const isPaused = summary.isPaused || (isHere && desk.talk.value?.state.value?.paused != null);
  const status = summary.contact === null ? null : desk.directory.people.value.get(summary.contact)?.status;
  return (
    <a
      class={unread > 0 ? 'conversation unread' : 'conversation'}
      href={hrefOf({ at: 'conversation', id, seq: null })}
      aria-current={isHere ? 'page' : undefined}
    >
      <span class="conversation-title">
        {status === 'online' && <i class="dot online" title="online" />}
        <span class="name">{titleOf(summary)}</span>
        {isPaused && <Icon name="pause" />}
        <time dateTime={activityAt}>{shortTimeOf(activityAt)}</time>
      </span>
      <span class="conversation-preview">
        <span class="words">
          <Preview desk={desk} summary={summary} />
        </span>
        {unread > 0 && (
          <span class="count">
            {unread > 99 ? '99+' : unread}
            <span class="unseen"> unread</span>
          </span>
        )}
      </span>
    </a>
  );
}

function Preview({ desk, summary }: { readonly desk: Desk; readonly summary: Summary }) {
  const { preview, contact, id } = summary;
  if (desk.streaming.value.has(id)) return <em>An agent is writing…</em>;
  if (preview.words === '') return <>Nothing said yet</>;
  const from = preview.from;
  if (from === null || from === contact) return <>{preview.words}</>;
  const name = from === desk.account.id ? 'You' : desk.directory.nameOf(from);
  return (
    <>
      <b>{name}:</b> {preview.words}
    </>
  );
}

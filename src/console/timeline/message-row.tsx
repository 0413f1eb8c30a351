/** One message, with what can be done to it. */
import { useState } from 'preact/hooks';
import { Face } from '../conversations/face.tsx';
import type { Talk } from '../live/talk.ts';
import { clockOf, wholeTimeOf } from '../shell/words.ts';
import { EditBox } from './edit-box.tsx';
import type { MessageLine, TimelineLine } from './fold.ts';
import { MessageActions } from './message-actions.tsx';
import { PlaceMark } from './place-mark.tsx';
import { PlainText } from './plain-text.tsx';
import { Reactions } from './reactions.tsx';

interface MessageRowProps {
  readonly talk: Talk;
  readonly line: MessageLine;
  /** Said right after another message of the same one: name and face are not repeated. */
  readonly isContinued: boolean;
  readonly repliedTo: TimelineLine | undefined;
}

export function MessageRow({ talk, line, isContinued, repliedTo }: MessageRowProps) {
  const { actor } = line;
  const name = talk.nameOf(actor.id);
  const isEditing = talk.editing.value === line.id;
  const [isReacting, setReacting] = useState(false);
  const classes = ['message', isContinued ? 'continued' : '', line.isInterrupted ? 'interrupted' : ''];
  return (
    <article
      class={classes.filter(Boolean).join(' ')}
      id={`message-${line.id}`}
      data-message={line.id}
      data-position={line.position}
      tabIndex={-1}
      aria-label={`${name}, ${clockOf(line.at)}`}
    >
      <div class="message-side">
        {isContinued ? (
          <time dateTime={line.at}>{clockOf(line.at)}</time>
        ) : (
          <Face name={name} isAgent={actor.kind !== 'user'} />
        )}
      </div>
      <div class="message-main">
        {!isContinued && (
          <header class="message-head">
            <b class="name">{name}</b>
            {actor.kind !== 'user' && <small class="tag">{actor.kind}</small>}
            {line.isInternal && <small class="tag">among agents</small>}
            {line.priority === 'critical' && <small class="tag strong">critical</small>}
            <time dateTime={line.at} title={wholeTimeOf(line.at)}>
              {clockOf(line.at)}
            </time>
          </header>
        )}
        {line.replyTo !== null && <RepliedTo talk={talk} line={repliedTo} id={line.replyTo} />}
        {isEditing ? <EditBox talk={talk} line={line} /> : <Content line={line} talk={talk} />}
        <Reactions talk={talk} line={line} isChoosing={isReacting} onChosen={() => setReacting(false)} />
      </div>
      <PlaceMark line={line} />
      {!line.isDeleted && !isEditing && (
        <MessageActions talk={talk} line={line} onReact={() => setReacting(!isReacting)} />
      )}
    </article>
  );
}

function Content({ line, talk }: { readonly line: MessageLine; readonly talk: Talk }) {
  if (line.isDeleted) {
    const by =
      line.deletedBy === null || line.deletedBy === line.actor.id ? '' : ` by ${talk.nameOf(line.deletedBy)}`;
    return <p class="content gone">Deleted{by}</p>;
  }
  if (line.isUnreadable) return <p class="content gone">Sealed: it cannot be read here any more</p>;
  return (
    <div class="content" dir="auto">
      <PlainText text={line.content} />
      {line.edits > 0 && <small class="after"> (edited)</small>}
      {line.contentType !== 'text' && <small class="after"> ({line.contentType})</small>}
      {line.isInterrupted && (
        <p class="cut">
          Interrupted{line.preemptedBy === null ? '' : ` by ${talk.nameOf(line.preemptedBy)}`}: this is what
          was said.
        </p>
      )}
    </div>
  );
}

interface RepliedToProps {
  readonly talk: Talk;
  readonly id: string;
  readonly line: TimelineLine | undefined;
}

function RepliedTo({ talk, id, line }: RepliedToProps) {
  if (line === undefined || line.kind !== 'message')
    return <p class="replied-to">In reply to an earlier message</p>;
  return (
    <p class="replied-to">
      <a
        href={`#message-${id}`}
        onClick={(event) => {
          event.preventDefault();
          document.getElementById(`message-${id}`)?.focus();
        }}
      >
        <b>{talk.nameOf(line.actor.id)}</b> {line.isDeleted ? 'deleted message' : line.content.slice(0, 120)}
      </a>
    </p>
  );
}

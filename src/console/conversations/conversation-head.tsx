/** The name of a conversation, and what is done to all of it. */
import type { Desk } from '../live/desk.ts';
import { titleOf } from '../live/summaries.ts';
import type { Talk } from '../live/talk.ts';
import { Icon } from '../shell/icon.tsx';
import { open } from '../shell/opened.ts';
import { hrefOf } from '../shell/route.ts';
import { counted } from '../shell/words.ts';

interface HeadProps {
  readonly desk: Desk;
  readonly talk: Talk;
  readonly isShowingPeople: boolean;
  readonly onShowPeople: (isShown: boolean) => void;
}

export function ConversationHead({ desk, talk, isShowingPeople, onShowPeople }: HeadProps) {
  const state = talk.state.value;
  const summary = desk.summaries.value.get(talk.id);
  const title = summary === undefined ? (state?.name ?? 'Conversation') : titleOf(summary);
  const count = state?.participants.length ?? 0;
  return (
    <header class="conversation-head">
      <a class="quiet square back" href={hrefOf({ at: 'conversations' })} aria-label="All conversations">
        <Icon name="back" />
      </a>
      <h1 id="conversation-title" title={title}>
        {title}
      </h1>
      <Steering talk={talk} />
      <button
        type="button"
        class="quiet square"
        aria-label="About this conversation"
        title="About this conversation (,)"
        onClick={() => open('about')}
      >
        <Icon name="dots" />
      </button>
      <button
        type="button"
        class="quiet people-button"
        aria-expanded={isShowingPeople}
        aria-label={`Who takes part: ${counted(count, 'participant')}`}
        title="Who takes part (i)"
        onClick={() => onShowPeople(!isShowingPeople)}
      >
        <Icon name="people" /> {count}
      </button>
    </header>
  );
}

/** What stops and starts agents. */
function Steering({ talk }: { readonly talk: Talk }) {
  const state = talk.state.value;
  if (state === null || !talk.powers.value.mayInterrupt) return null;
  const isPaused = state.paused !== null;
  return (
    <span class="steering">
      {talk.isRunning.value && (
        <button
          type="button"
          class="danger"
          title="Stop what is running (s)"
          aria-label="Stop what is running"
          onClick={() => talk.steering.preempt()}
        >
          <Icon name="stop" /> <span class="wide-only">Stop</span>
        </button>
      )}
      <button
        type="button"
        class={isPaused ? 'primary' : 'joining'}
        title={isPaused ? 'Let the agents go on (p)' : 'Pause the agents (p)'}
        aria-label={isPaused ? 'Let the agents go on' : 'Pause the agents'}
        onClick={() => talk.steering.pauseOrResume()}
      >
        <Icon name={isPaused ? 'play' : 'pause'} />{' '}
        <span class="wide-only">{isPaused ? 'Resume' : 'Pause'}</span>
      </button>
      {!isPaused && (
        <button
          type="button"
          class="square joined"
          title="Pause the agents, and say why (Shift p)"
          aria-label="Pause with a reason"
          onClick={() => open('pause')}
        >
          <Icon name="bubble" />
        </button>
      )}
    </span>
  );
}

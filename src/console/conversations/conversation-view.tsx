/** One conversation: its head, its timeline, the composer, and who takes part. */
import type { Desk } from '../live/desk.ts';
import type { Talk } from '../live/talk.ts';
import { Icon } from '../shell/icon.tsx';
import { hrefOf } from '../shell/route.ts';
import { counted } from '../shell/words.ts';
import { Composer } from '../timeline/composer.tsx';
import { Timeline } from '../timeline/timeline.tsx';
import { ParticipantsPanel } from './participants-panel.tsx';
import { titleOf } from './rail.tsx';

interface ConversationViewProps {
  readonly desk: Desk;
  readonly isShowingPeople: boolean;
  readonly onShowPeople: (isShown: boolean) => void;
}

export function ConversationView({ desk, isShowingPeople, onShowPeople }: ConversationViewProps) {
  const talk = desk.talk.value;
  if (talk === null) return <p class="waiting-page" role="status" aria-label="Connecting" />;
  const stage = talk.stage.value;
  if (stage === 'missing' || stage === 'gone') return <NotHere words={wordsOf(stage)} />;
  if (typeof stage === 'object') return <NotHere words={stage.problem} onRetry={() => void talk.start()} />;
  return (
    <section class="conversation-page" aria-labelledby="conversation-title">
      <Head desk={desk} talk={talk} isShowingPeople={isShowingPeople} onShowPeople={onShowPeople} />
      <div class="conversation-body">
        <div class="conversation-main">
          <Standing talk={talk} isConnected={desk.link.value === 'open'} />
          {stage === 'loading' ? (
            <p class="waiting-page" role="status" aria-label="Loading" />
          ) : (
            <Timeline key={talk.id} talk={talk} />
          )}
          <Composer key={talk.id} talk={talk} />
        </div>
        {isShowingPeople && <ParticipantsPanel desk={desk} talk={talk} onClose={() => onShowPeople(false)} />}
      </div>
    </section>
  );
}

function wordsOf(stage: 'missing' | 'gone'): string {
  return stage === 'missing'
    ? 'There is no such conversation, or you are not in it.'
    : 'You are no longer in this conversation.';
}

function NotHere({ words, onRetry }: { readonly words: string; readonly onRetry?: () => void }) {
  return (
    <section class="nowhere">
      <p role="alert">{words}</p>
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
      <a href={hrefOf({ at: 'conversations' })}>All conversations</a>
    </section>
  );
}

interface HeadProps extends ConversationViewProps {
  readonly talk: Talk;
}

function Head({ desk, talk, isShowingPeople, onShowPeople }: HeadProps) {
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
          onClick={() => talk.preempt()}
        >
          <Icon name="stop" /> <span class="wide-only">Stop</span>
        </button>
      )}
      <button
        type="button"
        class={isPaused ? 'primary' : ''}
        title={isPaused ? 'Let the agents go on (p)' : 'Pause the agents (p)'}
        aria-label={isPaused ? 'Let the agents go on' : 'Pause the agents'}
        onClick={() => talk.pauseOrResume()}
      >
        <Icon name={isPaused ? 'play' : 'pause'} />{' '}
        <span class="wide-only">{isPaused ? 'Resume' : 'Pause'}</span>
      </button>
    </span>
  );
}

/** What holds now: no connection, a pause, the floor. */
function Standing({ talk, isConnected }: { readonly talk: Talk; readonly isConnected: boolean }) {
  const { paused = null, floor = null } = talk.state.value ?? {};
  if (paused === null && floor === null && isConnected) return null;
  return (
    <div class="standing" role="status">
      {!isConnected && (
        <p>
          <Icon name="link" />
          <span>Not connected: trying again. What you write is sent when it works.</span>
        </p>
      )}
      {paused !== null && (
        <p>
          <Icon name="pause" />
          <span>
            Agents are paused by <b>{talk.nameOf(paused.by)}</b>
            {paused.reason === null || paused.reason === '' ? '' : `: ${paused.reason}`}. People may write.
          </span>
        </p>
      )}
      {floor !== null && (
        <p>
          <Icon name="floor" />
          <span>
            <b>{talk.nameOf(floor)}</b> has the floor: other agents wait.
          </span>
          {talk.powers.value.mayRoute && (
            <button type="button" class="quiet" onClick={() => talk.route(null)}>
              Open it
            </button>
          )}
        </p>
      )}
    </div>
  );
}

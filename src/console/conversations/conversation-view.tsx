/** One conversation: its head, its timeline, the composer, and who takes part. */
import type { Desk } from '../live/desk.ts';
import type { Stage } from '../live/talk.ts';
import { hrefOf } from '../shell/route.ts';
import { Composer } from '../timeline/composer.tsx';
import { Timeline } from '../timeline/timeline.tsx';
import { ConversationHead } from './conversation-head.tsx';
import { ParticipantsPanel } from './participants-panel.tsx';
import { Standing } from './standing.tsx';

interface ConversationViewProps {
  readonly desk: Desk;
  readonly isShowingPeople: boolean;
  readonly onShowPeople: (isShown: boolean) => void;
}

export function ConversationView({ desk, isShowingPeople, onShowPeople }: ConversationViewProps) {
  const talk = desk.talk.value;
  if (talk === null) return <p class="waiting-page" role="status" aria-label="Connecting" />;
  const stage = talk.stage.value;
  if (typeof stage === 'object') return <NotHere words={stage.problem} onRetry={() => void talk.start()} />;
  if (stage !== 'loading' && stage !== 'ready') return <NotHere words={wordsOf[stage]} />;
  return (
    <section class="conversation-page" aria-labelledby="conversation-title">
      <ConversationHead {...{ desk, talk, isShowingPeople, onShowPeople }} />
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

const wordsOf: Readonly<Record<Extract<Stage, 'missing' | 'gone' | 'deleted'>, string>> = {
  missing: 'There is no such conversation, or you are not in it.',
  gone: 'You are no longer in this conversation.',
  deleted: 'This conversation was deleted.',
};

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

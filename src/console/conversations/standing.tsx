/** What holds now and is not as usual: no connection, a pause, the floor. */
import type { Talk } from '../live/talk.ts';
import { Icon } from '../shell/icon.tsx';

export function Standing({ talk, isConnected }: { readonly talk: Talk; readonly isConnected: boolean }) {
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
            <button type="button" class="quiet" onClick={() => talk.steering.route(null)}>
              Open it
            </button>
          )}
        </p>
      )}
    </div>
  );
}

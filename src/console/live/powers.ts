/** What somebody may do in a conversation: which buttons there are. Whether it is granted is the server's to say. */
import type { ConversationState } from '../../client/index.ts';
import type { Account } from '../session/account.ts';

export interface Powers {
  /** Takes part, so may post. */
  readonly isIn: boolean;
  /** Owner or admin of the conversation: adds and removes, deletes what others said, names it. */
  readonly isKeeper: boolean;
  /** May end the conversation for everybody: keepers, and either of two who talk. */
  readonly mayDelete: boolean;
  readonly mayInterrupt: boolean;
  readonly mayRoute: boolean;
}

export function powersIn(state: ConversationState | null, account: Account): Powers {
  const role = state?.participants.find(({ id }) => id === account.id)?.role;
  const isKeeper = role === 'owner' || role === 'admin';
  const isOfTwo = state?.type === 'private' && state.participants.length <= 2;
  const has = (scope: string): boolean => account.isSuperAdmin || account.scopes.includes(scope);
  return {
    isIn: role !== undefined,
    isKeeper,
    mayDelete: isKeeper || (isOfTwo && role !== undefined),
    mayInterrupt: isKeeper || has('cap:messaging.interrupt'),
    mayRoute: has('cap:messaging.route'),
  };
}

/** What somebody may do in a conversation: which buttons there are. Whether it is granted is the server's to say. */
import type { ConversationState } from '../../client/index.ts';
import type { Account } from '../session/account.ts';

export interface Powers {
  /** Takes part, so may post. */
  readonly isIn: boolean;
  /** Owner or admin of the conversation: adds and removes, deletes what others said. */
  readonly isKeeper: boolean;
  readonly mayInterrupt: boolean;
  readonly mayRoute: boolean;
}

export function powersIn(state: ConversationState | null, account: Account): Powers {
  const role = state?.participants.find(({ id }) => id === account.id)?.role;
  const isKeeper = role === 'owner' || role === 'admin';
  const has = (scope: string): boolean => account.isSuperAdmin || account.scopes.includes(scope);
  return {
    isIn: role !== undefined,
    isKeeper,
    mayInterrupt: isKeeper || has('cap:messaging.interrupt'),
    mayRoute: has('cap:messaging.route'),
  };
}

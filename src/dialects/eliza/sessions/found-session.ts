/** The session that a path names, for who may see it. */

import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { TimedSession } from '../../../ports/agents/timed-sessions.ts';
import type { ElizaDeps } from '../deps.ts';
import { noSession, sessionExpired } from './refusals.ts';

/** 410 for who touches it first after its end, then 404. */
export async function foundSession(
  { sessions }: Pick<ElizaDeps, 'sessions'>,
  caller: Principal,
  id: string,
): Promise<TimedSession | Problem> {
  const found = await sessions.find(caller, id);
  if (found instanceof Problem) return found;
  if (found === null) return noSession(id);
  return found.state === 'active' ? found.session : sessionExpired(id, found.expiresAt);
}

/** As its user, who takes part: whether the caller may see the session was looked at before. */
export function userOf(caller: Principal, { user }: Pick<TimedSession, 'user'>): Principal {
  return caller.id === user ? caller : { ...caller, id: user, kind: 'user' };
}

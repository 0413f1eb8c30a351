/** The channels of a message server. */
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import type { Problem } from '../../../../domain/problem.ts';
import type { ConversationWithParticipants } from '../../../../ports/conversations/conversation-survey.ts';
import type { ElizaDeps } from '../../deps.ts';
import { defaultServer } from '../../wire.ts';
import type { Said } from '../acting.ts';
import { serverEntity } from './channel.ts';

/** Newest activity first, at most limits.channelsListedMax; `isWhole`: also those that the caller is not in. */
export async function channelsOf(
  { survey, projectedNow }: Pick<ElizaDeps, 'survey' | 'projectedNow'>,
  { tenant, id, service }: Principal,
  server: string,
  { env }: Pick<Said, 'env'>,
  isWhole: boolean,
): Promise<readonly ConversationWithParticipants[] | Problem> {
  // What was acknowledged is listed. Should the projection not keep up, what there is.
  await projectedNow();
  return await survey.ofEntity(
    { tenant, type: null, env, service },
    {
      ...{ type: serverEntity, id: server === defaultServer ? null : server },
      ...{ participant: isWhole ? null : id, limit: limits.channelsListedMax },
    },
  );
}

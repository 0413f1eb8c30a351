/** What somebody says to an agent, and what it answers: in a channel that both are in, like anything else they say. */

import type { OperationRequest } from '../../../contract/operation.ts';
import { canonicalUuid } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import { callerOf } from '../caller.ts';
import type { ElizaDeps } from '../deps.ts';
import { type Said, saidIn } from '../messaging/acting.ts';
import type { ChannelMessage } from '../messaging/messages/channel-message.ts';
import { isLongerThan } from '../messaging/messages/decode-message.ts';
import { enterChannel, postInto } from '../messaging/messages/post-to-channel.ts';
import { CodedProblem } from '../refuse.ts';
import { invalid } from './declared.ts';
import type { BodyFields } from './read-body.ts';

export type TalkDeps = Pick<ElizaDeps, 'bus' | 'directory' | 'clock' | 'ids' | 'answers' | 'servers'>;
export type TalkRequest = Pick<
  OperationRequest<{ readonly agentId: string }, unknown, unknown>,
  Exclude<keyof OperationRequest<unknown, unknown, unknown>, 'query' | 'body' | 'stream'>
>;

/** The text of the answer. The agent runs. */
export async function talk(
  deps: TalkDeps,
  request: TalkRequest,
  text: string,
  fields: BodyFields,
): Promise<string | Problem> {
  const caller = callerOf(request);
  const message = messageOf(deps, request.params.agentId, caller, text, fields);
  return message instanceof Problem ? message : await answerTo(deps, caller, message, saidIn(request));
}

function messageOf(
  { ids }: Pick<TalkDeps, 'ids'>,
  agentId: string,
  caller: Principal,
  content: string,
  { roomId, entityId, userName, name }: BodyFields,
): (ChannelMessage & { readonly agent: string; readonly messageId: string }) | Problem {
  const agent = canonicalUuid(agentId) ?? agentId;
  const [room, author] = [uuidOrNull(roomId), uuidOrNull(entityId)];
  if (room === undefined) return invalid('Invalid roomId format');
  if (author === undefined) return invalid('Invalid entityId format');
  if (content.trim() === '') return invalid('No text provided');
  if (isLongerThan(content, limits.contentBytesMax)) {
    return new CodedProblem('too_large', 'TEXT_TOO_LONG', `At most ${limits.contentBytesMax} bytes`);
  }
  const displayName = [userName, name].find((one) => typeof one === 'string' && one !== '');
  const who = author ?? caller.id;
  return {
    agent,
    channel: room ?? ids.fromName(`speech ${caller.tenant} ${who} ${agent}`),
    ...{ server: null, author, content, replyTo: null, messageId: ids.next(), clientId: null },
    metadata: {
      ...{ isDm: true, targetUserId: agent, targetAgentId: agent },
      ...(typeof displayName === 'string' && displayName.length <= limits.nameCharsMax
        ? { user_display_name: displayName }
        : {}),
    },
    facts: { sourceType: 'voice' },
    needsListener: true,
  };
}

/** Undefined: it is given, and none. */
function uuidOrNull(value: unknown): string | null | undefined {
  if (value === undefined || value === null || value === '') return null;
  return typeof value === 'string' ? (canonicalUuid(value) ?? undefined) : undefined;
}

async function answerTo(
  deps: TalkDeps,
  caller: Principal,
  message: ChannelMessage & { readonly agent: string; readonly messageId: string },
  said: Said,
): Promise<string | Problem> {
  const place = await enterChannel(deps, caller, message, said);
  if (place instanceof Problem) return place;
  const posted = await postInto(deps, place, message, said);
  if (posted instanceof Problem) return posted;
  // Not before: a service takes part by what it says.
  const expected = await deps.answers.expect(place.author, {
    ...{ conversation: place.ref.conversation, message: message.messageId, agent: message.agent },
    ...{ mustRun: true, timeoutMs: limits.spokenAnswerMsMax },
  });
  if (expected instanceof Problem) return expected;
  await expected.lookBack();
  const given = await expected.answer;
  if (!(given instanceof Problem)) return given.event.data.content;
  return new CodedProblem('unavailable', 'MODEL_ERROR', given.message);
}

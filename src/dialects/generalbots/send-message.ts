/** A message of a user, from whichever half: counted, and posted unless the conversation is archived. */
import type { CommandContext } from '../../domain/command.ts';
import { Problem } from '../../domain/problem.ts';
import { formatMicros } from '../../domain/time.ts';
import { type Message, postOf } from './decode.ts';
import type { ChatDeps } from './deps.ts';
import type { Caller, Place } from './place.ts';

export interface Sent {
  readonly messageId: string;
  readonly timestamp: string;
  /** It had been sent before. */
  readonly isRepeated: boolean;
}

/** Answers when the message is durable. `messageId` null: that of its event. */
export async function sendMessage(
  { bus, sessions }: Pick<ChatDeps, 'bus' | 'sessions'>,
  { principal }: Pick<Caller, 'principal'>,
  place: Place,
  message: Message,
  said: Partial<CommandContext>,
  messageId: string | null = null,
): Promise<Sent | Problem> {
  const { session, state } = place;
  const { clientId } = message;
  // What was counted once is not counted again, and comes through when the quota is used up.
  const isKnown =
    clientId !== null && state.window.byClientId(principal.id, clientId, state.position) !== null;
  const counted = session === null || isKnown ? null : session;
  const refused = counted === null ? null : await sessions.spend(counted);
  if (refused !== null) return refused;
  const context = bus.context(place.ref.conversation, said);
  const outcome = await bus.dispatch(principal, postOf(message, messageId), context);
  const isStored = !(outcome instanceof Problem) && outcome.duplicate === null;
  if (counted !== null && !isStored) await sessions.refund(counted);
  if (outcome instanceof Problem) return outcome;
  const { duplicate, events } = outcome;
  if (duplicate !== null) {
    return { messageId: duplicate.messageId, timestamp: formatMicros(duplicate.at), isRepeated: true };
  }
  const event = events.at(-1);
  if (event?.type !== 'message.posted') return new Problem('internal');
  return { messageId: event.data.message_id, timestamp: event.at, isRepeated: false };
}

/**
 * Events in the words of one seat: a socket in one session. Each has a wording of its own, because a socket is not
 * told what it has sent itself, and because each message says whether its answer comes in pieces. A session is a
 * person's talk with a bot, on a socket or two: there is next to nothing to share.
 */
import { compileCheck } from '../../../contract/checking/check.ts';
import type { ConversationView, Delta, Wording } from '../../../core/bus.ts';
import type { LogEntry } from '../../../domain/event.ts';
import type { MessageId, PrincipalId } from '../../../domain/ids.ts';
import { limits } from '../../../domain/limits.ts';
import { formatMicros } from '../../../domain/time.ts';
import type { Clock } from '../../../ports/clock.ts';
import { attachmentsOf, isShown, type MessageEvent, senderOf } from '../encode.ts';
import { Suggestion } from './wire.ts';

/** What the frames of a seat say, and what they must not say again. */
export interface Seat {
  readonly session: string;
  readonly user: PrincipalId;
  /** The answer to what was sent last comes in pieces. */
  isStreaming: boolean;
  /** Messages that this socket is sending. */
  readonly own: Set<MessageId>;
}

const suggestionCheck = compileCheck(Suggestion);

/** `name`: of no other seat. */
export function wordingOf(name: string, seat: Seat, clock: Pick<Clock, 'nowMicros'>): Wording {
  /** Messages of which pieces were told, and who says them. */
  const streamed = new Map<MessageId, PrincipalId>();
  // The notice may come after the first piece, which says the same.
  const isSpeaking = (bot: PrincipalId): boolean => seat.isStreaming && [...streamed.values()].includes(bot);
  return {
    dialect: name,
    event({ event }: LogEntry) {
      if (event.type !== 'message.posted') return null;
      const wasStreamed = streamed.delete(event.data.message_id);
      if (!isShown(event)) return null;
      if (senderOf(event) === 'bot') return JSON.stringify(answerOf(event, seat, wasStreamed));
      return seat.own.delete(event.data.message_id) ? null : JSON.stringify(mirrorOf(event, seat));
    },
    delta(delta: Delta, author, view) {
      // What a user streams is no text of a bot.
      if (!seat.isStreaming || !isBot(author, view)) return null;
      streamed.set(delta.message_id, author);
      const oldest =
        streamed.size > limits.draftsPerConversationMax ? streamed.keys().next().value : undefined;
      if (oldest !== undefined) streamed.delete(oldest);
      const { message_id: messageId, text } = delta;
      const piece = { messageId, timestamp: formatMicros(clock.nowMicros()), bot: author, content: text };
      return JSON.stringify({ ...botFrame(seat, piece), is_complete: false });
    },
    pulse(pulse, view) {
      if (pulse.kind !== 'typing' || pulse.state !== 'start' || !isBot(pulse.from, view)) return null;
      if (isSpeaking(pulse.from)) return null;
      return JSON.stringify({ type: 'typing', sender: 'bot', session_id: seat.session });
    },
  };
}

function isBot(id: PrincipalId, { state }: ConversationView): boolean {
  const kind = state.participants.get(id)?.kind;
  return kind !== undefined && kind !== 'user';
}

/** Whole; at the end of pieces its text is beside them, because some clients join all content they get. */
function answerOf(event: MessageEvent, seat: Seat, wasStreamed: boolean): object {
  const { message_id: messageId, content, metadata } = event.data;
  const isTold = seat.isStreaming && wasStreamed;
  const whole = { messageId, timestamp: event.at, bot: event.actor.id, content: isTold ? '' : content };
  return {
    ...botFrame(seat, whole),
    attachments: attachmentsOf(event),
    suggestions: suggestionsOf(metadata['suggestions']),
    ...(seat.isStreaming ? { full_content: content } : {}),
  };
}

interface BotText {
  readonly messageId: MessageId;
  readonly timestamp: string;
  readonly bot: PrincipalId;
  readonly content: string;
}

function botFrame(seat: Seat, { messageId, timestamp, bot, content }: BotText): object {
  return {
    ...{ type: 'message', sender: 'bot', timestamp, message_id: messageId },
    ...{ bot_id: bot, user_id: seat.user, session_id: seat.session, channel: 'web', content },
    ...{ message_type: 2, stream_token: null, is_complete: true, attachments: [], suggestions: [] },
    ...{ context_name: null, context_length: 0, context_max_length: 0 },
  };
}

function mirrorOf(event: MessageEvent, seat: Seat): object {
  return {
    ...{ type: 'message', sender: 'user', timestamp: event.at, message_id: event.data.message_id },
    ...{ user_id: event.actor.id, session_id: seat.session, channel: 'web' },
    ...{ content: event.data.content, message_type: 1, attachments: attachmentsOf(event) },
  };
}

function suggestionsOf(given: unknown): readonly object[] {
  if (!Array.isArray(given)) return [];
  const some = given.slice(0, limits.chatAttachmentsMax).filter((one) => suggestionCheck.accepts(one));
  return some.map(({ text, context }) => ({ text, context: context ?? null }));
}

/**
 * What clients are sent: durable events as rows, control events under their own name, volatile news. Each is
 * encoded once, whatever the number of readers.
 */
import { eventFrame } from '../../../contract/sockets/event-socket.ts';
import type { ConversationView, PresencePulse, Pulse, Wording } from '../../../core/bus.ts';
import type { LogEntry } from '../../../domain/event.ts';
import type { PrincipalId } from '../../../domain/ids.ts';
import { controlPayload, editedRow, kindByName, messageRow, userTypeOf } from '../encode.ts';

export const symbiaBroadcasts: Wording = {
  dialect: 'symbia',
  event: eventOf,
  // Streamed text is not in this API: its readers get the message that the stream ends with.
  delta: () => null,
  pulse: pulseOf,
  presence: presenceOf,
};

function eventOf({ event }: LogEntry, _bytes: Uint8Array | null, view: ConversationView): string | null {
  const { ref, state } = view;
  switch (event.type) {
    case 'message.posted': {
      // Erased before it was told: the deletion follows, and there is nothing to show.
      if (event.data.deleted === true) return null;
      return eventFrame('message:new', messageRow(ref.tenant, { event, ...asPosted }, state));
    }
    case 'message.edited': {
      const row = editedRow(ref.tenant, event);
      return row === null ? null : eventFrame('message:updated', row);
    }
    case 'message.deleted':
      return eventFrame('message:deleted', {
        id: event.data.message_id,
        conversationId: event.conversation,
      });
    case 'control':
      return eventFrame(event.data.event, controlPayload(event, state));
    default:
      return null;
  }
}

const asPosted = { editedAt: null, deletedAt: null };

function pulseOf(pulse: Pulse, view: ConversationView): string | null {
  const { conversation: conversationId } = pulse;
  if (pulse.kind === 'typing') {
    const { userId, userType } = whoIs(pulse.from, view);
    const name = pulse.state === 'start' ? 'typing:started' : 'typing:stopped';
    return eventFrame(name, { conversationId, userId, userType });
  }
  if (pulse.kind !== 'presence' || pulse.cause === undefined) return null;
  const name = pulse.cause === 'connected' ? 'participant:online' : 'participant:offline';
  return eventFrame(name, { conversationId, ...whoIs(pulse.from, view) });
}

/** Connecting is told in each conversation only; the end of it, and what somebody says, once for all. */
function presenceOf(pulse: PresencePulse, view: ConversationView): string | null {
  if (pulse.cause === 'connected') return null;
  const status = 'value' in pulse ? pulse.value : pulse.status;
  return eventFrame('presence:changed', { ...whoIs(pulse.from, view), status });
}

interface Who {
  readonly userId: PrincipalId;
  readonly userType: 'user' | 'agent';
  readonly agentId?: PrincipalId;
}

function whoIs(id: PrincipalId, { state }: ConversationView): Who {
  const userType = userTypeOf(state.participants.get(id)?.kind ?? kindByName(id));
  return { userId: id, userType, ...(userType === 'agent' ? { agentId: id } : {}) };
}

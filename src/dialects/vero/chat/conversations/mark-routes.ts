/** What a caller has of a conversation for itself: read, unread, muted, archived; and that it types. */
import { type Operation, operation } from '../../../../contract/operation.ts';
import { Problem } from '../../../../domain/problem.ts';
import { formatMicros } from '../../../../domain/time.ts';
import { errors } from '../../errors.ts';
import { OkBody } from '../../wire.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { enter } from '../entered.ts';
import { decodeMute } from './decode-conversation.ts';
import { formatFar } from './encode-conversation.ts';
import {
  ArchivedReply,
  ConversationPath,
  MuteBody,
  MutedReply,
  ReadBody,
  ReadReply,
  TypingBody,
  UnreadReply,
} from './wire.ts';

const path = '/v1/chat/conversations';
const schemas = { params: ConversationPath };

export function markRoutes(deps: ChatDeps): readonly Operation[] {
  return [unread(deps), read(deps), typing(deps), mute(deps), unmute(deps), archive(deps), unarchive(deps)];
}

function unread(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.listUnread',
      method: 'GET',
      path: `${path}/unread`,
      summary: 'Unread messages of each conversation of the caller, and of all together',
      access: 'principal',
      schemas: {},
      responses: {
        200: { description: 'All of them, also those read', schema: UnreadReply },
        ...errors(401, 503),
      },
    },
    async ({ principal, env }) => {
      await deps.projectedNow();
      const counted = await deps.bus.unread(principal, { env, service: principal.service });
      if (counted instanceof Problem) return counted;
      let total = 0;
      const conversations = counted.map((one) => {
        total += one.unread;
        const { ref, unread: count, lastReadSeq } = one;
        return { conversation_id: ref.conversation, unread_count: count, last_read_seq: lastReadSeq };
      });
      return { status: 200, body: { conversations, total } };
    },
  );
}

function read(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.markRead',
      method: 'POST',
      path: `${path}/:id/read`,
      summary: 'Moves the read mark forward, never back and never beyond the newest message',
      access: 'principal',
      schemas: { ...schemas, body: ReadBody },
      responses: {
        200: { description: 'Where the mark is', schema: ReadReply },
        ...errors(400, 401, 404, 503),
      },
      example: { body: { up_to_seq: 4 } },
    },
    async (request) => {
      const place = await enter(deps, request, request.params.id);
      if (place instanceof Problem) return place;
      const { conversation } = place.ref;
      const { up_to_seq: upToSeq } = request.body;
      const moved = await deps.bus.read(request.principal, conversation, upToSeq, request.env);
      if (moved instanceof Problem) return moved;
      const { lastReadSeq, unread: count } = moved;
      return {
        status: 200,
        body: { conversation_id: conversation, last_read_seq: lastReadSeq, unread_count: count },
      };
    },
  );
}

function typing(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.typing',
      rate: 'typing',
      method: 'POST',
      path: `${path}/:id/typing`,
      summary: 'Tells the others that the caller types; nothing is stored',
      access: 'principal',
      schemas: { ...schemas, body: TypingBody },
      responses: { 200: { description: 'Told', schema: OkBody }, ...errors(400, 401, 404, 429, 503) },
      example: { body: { state: 'start' } },
    },
    async (request) => {
      const place = await enter(deps, request, request.params.id);
      if (place instanceof Problem) return place;
      const { state = 'start' } = request.body;
      return (
        (await deps.typing(request, place.ref.conversation, state)) ?? {
          status: 200,
          body: { ok: true as const },
        }
      );
    },
  );
}

function mute(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.muteConversation',
      method: 'POST',
      path: `${path}/:id/mute`,
      summary: 'Mutes for the caller: a flag for notifications, nothing else',
      access: 'principal',
      schemas: { ...schemas, body: MuteBody },
      responses: { 200: { description: 'Muted', schema: MutedReply }, ...errors(400, 401, 404, 503) },
      example: { body: { duration_sec: 3600 } },
    },
    async (request) => {
      const until = decodeMute(request.body, deps.clock.nowMicros());
      if (until instanceof Problem) return until;
      const place = await enter(deps, request, request.params.id);
      if (place instanceof Problem) return place;
      const refused = await deps.personal.mute(place.ref, request.principal, until);
      if (refused !== null) return refused;
      return {
        status: 200,
        body: { conversation_id: place.ref.conversation, muted_until: formatFar(until) },
      };
    },
  );
}

function unmute(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.unmuteConversation',
      method: 'DELETE',
      path: `${path}/:id/mute`,
      summary: 'Not muted any more, also if it was not',
      access: 'principal',
      schemas,
      responses: { 200: { description: 'Not muted', schema: MutedReply }, ...errors(401, 404, 503) },
    },
    async (request) => {
      const place = await enter(deps, request, request.params.id);
      if (place instanceof Problem) return place;
      const refused = await deps.personal.mute(place.ref, request.principal, null);
      if (refused !== null) return refused;
      return { status: 200, body: { conversation_id: place.ref.conversation, muted_until: null } };
    },
  );
}

function archive(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.archiveConversation',
      method: 'POST',
      path: `${path}/:id/archive`,
      summary: 'Puts it away for the caller; new messages do not bring it back',
      access: 'principal',
      schemas,
      responses: { 200: { description: 'Since when', schema: ArchivedReply }, ...errors(400, 401, 404, 503) },
    },
    async (request) => {
      const place = await enter(deps, request, request.params.id);
      if (place instanceof Problem) return place;
      const at = await deps.personal.archive(place.ref, request.principal);
      if (at instanceof Problem) return at;
      const body = { conversation_id: place.ref.conversation, archived_at: formatMicros(at) };
      return { status: 200, body };
    },
  );
}

function unarchive(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.unarchiveConversation',
      method: 'DELETE',
      path: `${path}/:id/archive`,
      summary: 'Brings it back, also if it was not put away',
      access: 'principal',
      schemas,
      responses: { 200: { description: 'Not put away', schema: ArchivedReply }, ...errors(401, 404, 503) },
    },
    async (request) => {
      const place = await enter(deps, request, request.params.id);
      if (place instanceof Problem) return place;
      const refused = await deps.personal.unarchive(place.ref, request.principal);
      if (refused !== null) return refused;
      return { status: 200, body: { conversation_id: place.ref.conversation, archived_at: null } };
    },
  );
}

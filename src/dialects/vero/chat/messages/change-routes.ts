/** One message that is there: edit it, react to it. */
import { type Static, Type } from '@sinclair/typebox';
import { type Operation, operation, type Reply } from '../../../../contract/operation.ts';
import type { Outcome } from '../../../../core/bus.ts';
import { Problem } from '../../../../domain/problem.ts';
import { parseMicros } from '../../../../domain/time.ts';
import { errors } from '../../errors.ts';
import type { ChatDeps } from '../chat-deps.ts';
import { contentMetaOf } from '../encode-message.ts';
import type { MessageEntry } from '../view.ts';
import { EditedBody, EditMessageRequest, ReactedBody, ReactRequest } from '../wire.ts';
import { refuseEdit, refuseEmoji } from './decode-message.ts';
import { findMessage } from './named-message.ts';

const params = Type.Object({ id: Type.String() });

export function changeRoutes(deps: ChatDeps): readonly Operation[] {
  return [edit(deps), react(deps)];
}

function edit(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.editMessage',
      method: 'PATCH',
      path: '/v1/chat/messages/:id',
      summary: 'Edits a message of the caller; every version is kept',
      access: 'principal',
      schemas: { params, body: EditMessageRequest },
      responses: {
        200: { description: 'What it says now', schema: EditedBody },
        ...errors(400, 401, 403, 404, 409, 503),
      },
    },
    async (request) => {
      const found = await findMessage(deps, request, request.params.id);
      // Whether a blank text will do, only the message's media tell: of a message that is not there it will not.
      const ill = refuseEdit(request.body, !(found instanceof Problem) && hasMedia(found.entry));
      if (ill !== null) return ill;
      if (found instanceof Problem) return found;
      const { entry, place } = found;
      const refused = refuseChange(deps, request.principal.id, entry);
      if (refused !== null) return refused;
      if (isSame(entry, request.body))
        return edited(entry.event.data.message_id, request.body.content_text, entry);
      const { metadata } = entry.event.data;
      const { content_text: content, content_meta: meta } = request.body;
      const { dataClass, policyRef, env } = request;
      const context = deps.bus.context(place.ref.conversation, { dataClass, policyRef, env });
      const outcome = await deps.bus.dispatch(
        request.principal,
        {
          op: 'edit',
          message: entry.event.data.message_id,
          content,
          metadata: meta === undefined ? null : { ...metadata, content_meta: meta },
        },
        context,
      );
      return editedBy(outcome);
    },
  );
}

function refuseChange(
  { clock, editWindowSec }: ChatDeps,
  by: string,
  { event }: MessageEntry,
): Problem | null {
  if (event.actor.id !== by) {
    return new Problem('forbidden', 'Only the sender may edit a message.', { reason: 'not_message_sender' });
  }
  const ageUs = clock.nowMicros() - (parseMicros(event.at) ?? 0);
  if (editWindowSec > 0 && ageUs > editWindowSec * 1_000_000) {
    return new Problem('forbidden', 'The message is too old to be edited.', {
      reason: 'edit_window_expired',
    });
  }
  return null;
}

function hasMedia({ event }: MessageEntry): boolean {
  return 'media' in event.data.metadata;
}

function isSame({ event }: MessageEntry, body: Static<typeof EditMessageRequest>): boolean {
  const { content, metadata } = event.data;
  if (content !== body.content_text) return false;
  return body.content_meta === undefined || body.content_meta === contentMetaOf(metadata);
}

function edited(
  message: string,
  text: string,
  { editCount, editedAt }: Pick<MessageEntry, 'editCount' | 'editedAt'>,
): Reply {
  const body = { message_id: message, content_text: text, edit_count: editCount, edited_at: editedAt };
  return { status: 200, body };
}

function editedBy(outcome: Outcome | Problem): Reply | Problem {
  if (outcome instanceof Problem) return outcome;
  const event = outcome.events.at(-1);
  if (event?.type !== 'message.edited') return new Problem('internal');
  const { message_id: message, content, edit_count: editCount } = event.data;
  return edited(message, content, { editCount, editedAt: event.at });
}

function react(deps: ChatDeps): Operation {
  return operation(
    {
      id: 'vero.react',
      method: 'POST',
      path: '/v1/chat/messages/:id/reactions',
      summary: 'Adds a reaction of the caller, or takes it away',
      access: 'principal',
      schemas: { params, body: ReactRequest },
      responses: {
        200: { description: 'What was done', schema: ReactedBody },
        ...errors(400, 401, 404, 503),
      },
    },
    async (request) => {
      const { emoji, conversation_id: where = null } = request.body;
      const refused = refuseEmoji(emoji);
      if (refused !== null) return refused;
      const found = await findMessage(deps, request, request.params.id, where);
      if (found instanceof Problem) return found;
      const context = deps.bus.context(found.place.ref.conversation, { env: request.env });
      const message = found.entry.event.data.message_id;
      const outcome = await deps.bus.dispatch(request.principal, { op: 'react', message, emoji }, context);
      if (outcome instanceof Problem) return outcome;
      const event = outcome.events.at(-1);
      if (event?.type !== 'reaction.changed') return new Problem('internal');
      return { status: 200, body: { action: event.data.action } };
    },
  );
}

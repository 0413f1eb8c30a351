/** One message: edit it, delete it, see what it said before. Upstream has these on its socket only. */
import { Type } from '@sinclair/typebox';
import type { Operation } from '../../contract/operation.ts';
import type { Outcome } from '../../core/bus.ts';
import { canonicalUuid } from '../../domain/ids.ts';
import { Problem } from '../../domain/problem.ts';
import type { TimelineEntry } from '../../domain/timeline.ts';
import type { SymbiaDeps } from './caller.ts';
import { decodeEdit } from './decode.ts';
import { editedRow, messageRow, versionRows } from './encode.ts';
import { conflict, onConversation, type Reading, stateAsParticipant } from './on-conversation.ts';
import { EditMessageBody, MessagePath, MessageRow, MessageVersionRow } from './wire.ts';
import { deleteReasons, editReasons, noMessage, notParticipant, say } from './wording.ts';

const path = '/api/conversations/:id/messages/:messageId';

export function messageChangeRoutes(deps: SymbiaDeps): Operation[] {
  return [edit(deps), remove(deps), history(deps)];
}

/** A message as it is now; deleted and unknown ones are one answer. */
async function entryOf(
  deps: Pick<SymbiaDeps, 'bus'>,
  at: Reading,
  message: string,
): Promise<TimelineEntry | Problem> {
  const entry = await deps.bus.entry(at.caller, at.id, message, at.env);
  return entry === null || (!(entry instanceof Problem) && entry.deletedAt !== null) ? say(noMessage) : entry;
}

/** The version that an edit made: what follows at once (another edit, a deletion) is not its answer. */
export async function rowOfEdit(
  deps: Pick<SymbiaDeps, 'bus'>,
  at: Reading,
  message: string,
  outcome: Outcome | Problem,
): Promise<MessageRow | Problem> {
  if (outcome instanceof Problem) return outcome;
  const { ref, state, events } = outcome;
  const event = events.at(-1);
  const row = event?.type === 'message.edited' ? editedRow(ref.tenant, event) : null;
  if (row !== null) return row;
  const entry = await entryOf(deps, at, message);
  return entry instanceof Problem ? entry : messageRow(ref.tenant, entry, state);
}

function edit(deps: SymbiaDeps): Operation {
  return onConversation(
    deps,
    {
      id: 'symbia.editMessage',
      method: 'PATCH',
      path,
      summary: 'Edit a message (its sender); every version is kept',
      schemas: { params: MessagePath, body: EditMessageBody },
      responses: { 200: { description: 'The message as it was edited.', schema: MessageRow }, 409: conflict },
      example: { body: { content: 'Hello again' } },
      words: { hidden: notParticipant, reasons: editReasons },
    },
    async (request, at) => {
      const message = canonicalUuid(request.params.messageId);
      if (message === null) return say(noMessage);
      const command = decodeEdit(request.body, message);
      if (command instanceof Problem) return command;
      const row = await rowOfEdit(deps, at, message, await at.dispatch(command));
      return row instanceof Problem ? row : { status: 200, body: row };
    },
  );
}

function remove(deps: SymbiaDeps): Operation {
  return onConversation(
    deps,
    {
      id: 'symbia.deleteMessage',
      method: 'DELETE',
      path,
      summary: 'Delete a message (its sender, owner, admin); its content is erased',
      schemas: { params: MessagePath },
      responses: { 204: { description: 'Deleted.', schema: null } },
      words: { hidden: notParticipant, reasons: deleteReasons },
    },
    async (request, at) => {
      const message = canonicalUuid(request.params.messageId);
      if (message === null) return say(noMessage);
      const outcome = await at.dispatch({ op: 'delete', message });
      return outcome instanceof Problem ? outcome : { status: 204 };
    },
  );
}

function history(deps: SymbiaDeps): Operation {
  return onConversation(
    deps,
    {
      id: 'symbia.messageHistory',
      method: 'GET',
      path: `${path}/history`,
      summary: 'Every version of a message, the first one first',
      schemas: { params: MessagePath },
      responses: { 200: { description: 'A bare array.', schema: Type.Array(MessageVersionRow) } },
      words: { hidden: notParticipant },
    },
    async (request, at) => {
      const message = canonicalUuid(request.params.messageId);
      if (message === null) return say(noMessage);
      const found = await stateAsParticipant(deps, at);
      if (found instanceof Problem) return found;
      const entry = await entryOf(deps, at, message);
      if (entry instanceof Problem) return entry;
      const versions = await deps.bus.versions(at.caller, at.id, [message], at.env);
      if (versions instanceof Problem) return versions;
      return { status: 200, body: versionRows(found.ref.tenant, entry, versions, found.state) };
    },
  );
}

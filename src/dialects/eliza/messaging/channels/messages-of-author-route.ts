/** The messages of one author in a channel, deleted at once, as the published documents have it. */
import { Type } from '@sinclair/typebox';
import { type Operation, operation } from '../../../../contract/operation.ts';
import { Problem } from '../../../../domain/problem.ts';
import { callerOf } from '../../caller.ts';
import type { ElizaDeps } from '../../deps.ts';
import { saidIn } from '../acting.ts';
import { aliased } from '../declared.ts';
import { invalid, uuidIn } from '../messages/decode-message.ts';
import { errors } from '../refusals.ts';
import { deleteMessagesOf } from './delete-channel.ts';
import { ByChannel } from './wire.ts';

const Whose = Type.Object({
  // Checked by hand: nobody's messages are deleted because an id was misspelt.
  userId: Type.Optional(
    Type.String({
      description: 'Required: whose messages',
      examples: ['6185c440-4f7b-4dcd-b51f-9da59fb92dab'],
    }),
  ),
});

const Deleted = Type.Object({ success: Type.Literal(true), deleted: Type.Integer({ examples: [3] }) });

export function messagesOfAuthorRoute(deps: Pick<ElizaDeps, 'bus'>): readonly Operation[] {
  const route = operation(
    {
      id: 'eliza.deleteMessagesOfAuthor',
      method: 'DELETE',
      path: '/api/messaging/channels/:channelId/messages/all',
      summary: 'Deletes the messages of one author (the author, services, owner and admins of the channel)',
      access: 'principal',
      schemas: { params: ByChannel, query: Whose },
      responses: {
        200: { description: 'Gone; how many there were', schema: Deleted },
        ...errors(400, 401, 403, 404, 429, 503),
      },
    },
    async (request) => {
      const channel = uuidIn(request.params.channelId);
      if (channel === null) return invalid('Invalid channelId');
      const author = uuidIn(request.query.userId);
      if (author === null) return invalid('userId must be the UUID of whose messages are to be deleted');
      const deleted = await deleteMessagesOf(deps, callerOf(request), channel, author, saidIn(request));
      return deleted instanceof Problem ? deleted : { status: 200, body: { success: true, deleted } };
    },
  );
  return aliased(route);
}

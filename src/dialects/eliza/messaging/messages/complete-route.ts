/** An agent that runs elsewhere says that it is done: clients that wait for that go on (eliza.md §3 and §5). */
import { type Operation, operation } from '../../../../contract/operation.ts';
import type { ControlCommand } from '../../../../domain/command.ts';
import type { MessageId } from '../../../../domain/ids.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import { callerOf } from '../../caller.ts';
import type { ElizaDeps } from '../../deps.ts';
import { defaultServer } from '../../wire.ts';
import { contextOf, managerOf, saidIn } from '../acting.ts';
import { inWords, readableChannel, serverOf } from '../channels/channel.ts';
import { errors } from '../refusals.ts';
import { decodeReference, firstGiven, invalid, isGiven, uuidIn } from './decode-message.ts';
import { findMessage } from './named-message.ts';
import { Completed, CompleteRequest } from './wire.ts';

/** Tells sockets that nobody has to wait any more: no effect but that (common.md, control events). */
export const completedEvent = 'x.eliza.completed';

function completedCommand(message: MessageId | null): ControlCommand {
  return {
    ...{ op: 'control', event: completedEvent, target: null, reason: null, run: null, priority: null },
    ...{ preemptedBy: null, roleSuffices: false },
    metadata: message === null ? {} : { message_id: message },
  };
}

export function completeRoute(deps: ElizaDeps): Operation {
  return operation(
    {
      ...{ id: 'eliza.completeMessage', method: 'POST', path: '/api/messaging/complete' },
      summary: 'Says that an agent has answered: sockets of the channel hear `messageComplete`',
      access: 'principal',
      rate: 'send',
      schemas: { body: CompleteRequest },
      responses: {
        200: { description: 'Told', schema: Completed },
        ...errors(400, 401, 403, 404, 429, 503),
      },
    },
    async (request) => {
      const { body } = request;
      const named = firstGiven(body.channel_id, body.channelId);
      const channel = uuidIn(named);
      const message = decodeReference(body.messageId, 'messageId');
      if (message instanceof Problem) return message;
      if (channel === null && (isGiven(named) || message === null)) {
        return invalid('Missing required fields: channel_id, server_id');
      }
      const caller = callerOf(request);
      const found =
        channel === null
          ? await findMessage(deps, caller, message as MessageId, request)
          : await readableChannel(deps, caller, channel, request);
      if (found instanceof Problem) return found;
      const server = uuidIn(body.server_id);
      if (server !== null && server !== defaultServer && server !== serverOf(found.state)) {
        return new Problem('forbidden', 'Forbidden: server_id does not match that of the channel');
      }
      // Whoever may speak in the channel may say that somebody has spoken.
      const speaker = managerOf(caller, found.state);
      const herald: Principal = { ...speaker, scopes: [...speaker.scopes, 'cap:messaging.interrupt'] };
      const context = deps.bus.context(found.ref.conversation, contextOf(saidIn(request)));
      const told = inWords(await deps.bus.dispatch(herald, completedCommand(message), context));
      if (told instanceof Problem) return told;
      const sentence = 'Completion event emitted';
      return { status: 200, body: { success: true, message: sentence, data: { success: true } } };
    },
  );
}

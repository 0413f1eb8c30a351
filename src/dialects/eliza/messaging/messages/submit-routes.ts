/** Messages of agents and of bridges, which know what they say (eliza.md §3): submitted. */
import type { Static } from '@sinclair/typebox';
import { type Operation, operation } from '../../../../contract/operation.ts';
import { Problem } from '../../../../domain/problem.ts';
import { callerOf } from '../../caller.ts';
import type { ElizaDeps } from '../../deps.ts';
import { elizaBodyBytesMax } from '../../wire.ts';
import { saidIn } from '../acting.ts';
import { errors, succeeded } from '../refusals.ts';
import type { ChannelMessage } from './channel-message.ts';
import {
  decodeContent,
  decodeMetadata,
  decodeReference,
  decodeWord,
  firstGiven,
  invalid,
  isGiven,
  refuseRaw,
  uuidIn,
} from './decode-message.ts';
import { messageRow } from './encode-message.ts';
import { postToChannel } from './post-to-channel.ts';
import { OneMessage, SubmitRequest } from './wire.ts';

export function submitRoutes(deps: ElizaDeps): readonly Operation[] {
  return [submit(deps, 'submit'), submit(deps, 'action')];
}

const declared = {
  submit: { id: 'eliza.submitMessage', summary: 'Says what an agent that runs elsewhere has to say' },
  action: { id: 'eliza.postAction', summary: 'Says what an agent does; what is changed later is told again' },
} as const;

/** Nobody is asked to answer: agents do not answer what agents submit. */
function submit(deps: ElizaDeps, name: keyof typeof declared): Operation {
  return operation(
    {
      ...{ ...declared[name], method: 'POST', path: `/api/messaging/${name}` },
      access: 'principal',
      rate: 'send',
      bodyBytesMax: elizaBodyBytesMax,
      schemas: { body: SubmitRequest },
      responses: {
        201: { description: 'Stored; of a repeated messageId the first one', schema: OneMessage },
        ...errors(400, 401, 403, 404, 409, 413, 429, 503),
      },
    },
    async (request) => {
      const message = decodeSubmit(request.body);
      if (message instanceof Problem) return message;
      const caller = callerOf(request);
      const posted = await postToChannel(deps, caller, message, saidIn(request));
      return posted instanceof Problem ? posted : succeeded(messageRow(posted.message), 201);
    },
  );
}

const missing =
  'Missing required fields: channel_id, message_server_id, author_id, content, source_type, raw_message';

/** The official client writes camelCase, and leaves out what only the server can know. */
function decodeSubmit(body: Static<typeof SubmitRequest>): ChannelMessage | Problem {
  const isShort = isGiven(body.channelId) && !isGiven(body.channel_id);
  const given = isShort
    ? { source_type: 'agent_response', raw_message: { text: body.content }, ...body }
    : body;
  const server = firstGiven(body.message_server_id, body.server_id, body.messageServerId);
  const author = uuidIn(firstGiven(body.author_id, body.authorId, body.agentId));
  const channel = uuidIn(firstGiven(body.channel_id, body.channelId));
  const content = decodeContent(body.content);
  if (content instanceof Problem) return content;
  const isBad = isGiven(server) ? uuidIn(server) === null : !isShort;
  if (channel === null || author === null || content === null || isBad) return invalid(missing);
  if (!isGiven(given.source_type) || !given.raw_message) return invalid(missing);
  const replyTo = decodeReference(
    firstGiven(body.in_reply_to_message_id, body.inReplyToMessageId),
    'in_reply_to_message_id',
  );
  if (replyTo instanceof Problem) return replyTo;
  const messageId = decodeReference(body.messageId, 'messageId');
  if (messageId instanceof Problem) return messageId;
  const sourceType = decodeWord(given.source_type, 'source_type');
  if (sourceType instanceof Problem) return sourceType;
  const metadata = decodeMetadata(body.metadata);
  if (metadata instanceof Problem) return metadata;
  const refused = refuseRaw(given.raw_message, content);
  if (refused !== null) return refused;
  return {
    ...{ channel, server: uuidIn(server), author, content, metadata, replyTo, messageId, clientId: null },
    facts: { sourceType: sourceType ?? 'agent_response', rawMessage: given.raw_message },
    ...{ isNotice: true, isForThere: true },
  };
}

/** Messages of other messengers, brought by bridges (eliza.md §3). Ids there need not be UUIDs. */
import type { Static } from '@sinclair/typebox';
import { type Operation, operation } from '../../../../contract/operation.ts';
import { canonicalUuid } from '../../../../domain/ids.ts';
import { limits } from '../../../../domain/limits.ts';
import type { Principal } from '../../../../domain/principal.ts';
import { Problem } from '../../../../domain/problem.ts';
import type { IdSource } from '../../../../ports/id-source.ts';
import { alsoAt } from '../../also-at.ts';
import { callerOf } from '../../caller.ts';
import type { ElizaDeps } from '../../deps.ts';
import { isRecord } from '../../fields.ts';
import { elizaBodyBytesMax } from '../../wire.ts';
import { refuseAuthor, saidIn } from '../acting.ts';
import { errors } from '../refusals.ts';
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
import { postToChannel } from './post-to-channel.ts';
import { Ingested, IngestRequest } from './wire.ts';

type Body = Static<typeof IngestRequest>;
type Json = Readonly<Record<string, unknown>>;

export function ingestRoutes(deps: ElizaDeps): readonly Operation[] {
  const ingest = operation(
    {
      ...{ id: 'eliza.ingestMessages', method: 'POST', path: '/api/messaging/ingest-external' },
      summary:
        'Brings a message of another messenger, or several; agents answer them. A channel is made where needed',
      access: 'principal',
      rate: 'send',
      bodyBytesMax: elizaBodyBytesMax,
      schemas: { body: IngestRequest },
      responses: {
        202: { description: 'Stored; one that came before with its source id only once', schema: Ingested },
        ...errors(400, 401, 403, 404, 409, 413, 429, 503),
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const messages = decodeIngested(deps.ids, caller, request.body);
      if (messages instanceof Problem) return messages;
      let messageId: string | null = null;
      for (const one of messages) {
        const posted = await postToChannel(deps, caller, one, saidIn(request));
        if (posted instanceof Problem) return posted;
        messageId = posted.message.event.data.message_id;
      }
      const data = { messageId, processed: messages.length };
      return { status: 202, body: { success: true, message: 'Message ingested and published to bus', data } };
    },
  );
  return alsoAt(
    ingest,
    ...['/api/messaging/ingest', '/api/messaging/external', '/api/messaging/external-messages'],
  );
}

const badPayload = (): Problem => invalid('Invalid external message payload');

/** One message, or those of the official client; each of them is whole, or none is taken. */
function decodeIngested(
  ids: Pick<IdSource, 'fromName'>,
  caller: Principal,
  body: Body,
): readonly ChannelMessage[] | Problem {
  const { messages } = body;
  if (messages === undefined) {
    const one = decodeOne(ids, caller, body, body);
    return one instanceof Problem ? one : [one];
  }
  const { messagesIngestedMax: max } = limits;
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > max) return badPayload();
  const decoded: ChannelMessage[] = [];
  for (const given of messages as readonly unknown[]) {
    const one = isRecord(given) ? decodeOne(ids, caller, body, given) : badPayload();
    if (one instanceof Problem) return one;
    decoded.push(one);
  }
  return decoded;
}

const visible = /^[^\s\p{C}]{1,255}$/u;

function decodeOne(
  ids: Pick<IdSource, 'fromName'>,
  caller: Principal,
  body: Body,
  given: Json,
): ChannelMessage | Problem {
  const isWhole = given === body;
  const platform = decodeWord(body.platform, 'platform');
  if (platform instanceof Problem) return platform;
  const author = firstGiven(given['author_id'], given['authorId'], given['userId']);
  const channel = channelOf(ids, caller, platform, firstGiven(body.channel_id, body.channelId));
  const content = decodeContent(given['content']);
  if (content instanceof Problem) return content;
  const server = firstGiven(body.message_server_id, body.server_id);
  if (channel === null || content === null || typeof author !== 'string' || !visible.test(author)) {
    return badPayload();
  }
  // A bridge that says its platform need not know what a message server is.
  if (isGiven(server) ? uuidIn(server) === null : platform === null) return badPayload();
  const refusedAuthor = refuseAuthor(caller, author);
  if (refusedAuthor !== null) return refusedAuthor;
  const extras = decodeExtras(given, content, isWhole);
  if (extras instanceof Problem) return extras;
  const { sourceId, ...rest } = extras;
  const { clientIdCharsMax: max } = limits;
  return {
    ...{ channel, server: uuidIn(server), author: canonicalUuid(author) ?? author, content, ...rest },
    ...{ messageId: null, clientId: sourceId !== null && sourceId.length <= max ? sourceId : null },
    facts: {
      ...rest.facts,
      ...(sourceId === null ? {} : { sourceId }),
      sourceType: rest.facts.sourceType ?? platform ?? 'external',
    },
  };
}

/** Of a channel elsewhere the same one each time. */
function channelOf(
  ids: Pick<IdSource, 'fromName'>,
  { tenant }: Principal,
  platform: string | null,
  named: unknown,
): string | null {
  if (typeof named !== 'string' || named.length > limits.principalIdCharsMax || named === '') return null;
  return canonicalUuid(named) ?? ids.fromName(JSON.stringify(['eliza/external', tenant, platform, named]));
}

function decodeExtras(given: Json, content: string, isWhole: boolean) {
  const sourceId = decodeWord(
    firstGiven(given['source_id'], given['messageId'], isWhole ? undefined : given['id']),
    'source_id',
  );
  if (sourceId instanceof Problem) return sourceId;
  const sourceType = decodeWord(given['source_type'], 'source_type');
  if (sourceType instanceof Problem) return sourceType;
  const authorName = decodeWord(given['author_display_name'], 'author_display_name');
  if (authorName instanceof Problem) return authorName;
  const replyTo = decodeReference(given['in_reply_to_message_id'], 'in_reply_to_message_id');
  if (replyTo instanceof Problem) return replyTo;
  const metadata = decodeMetadata(given['metadata']);
  if (metadata instanceof Problem) return metadata;
  const attachments = given['attachments'];
  const raw = given['raw_message'] ?? (isGiven(attachments) ? { text: content, attachments } : undefined);
  const refused = refuseRaw(raw, content);
  if (refused !== null) return refused;
  const facts = {
    ...(raw === undefined ? {} : { rawMessage: raw }),
    ...(sourceType === null ? {} : { sourceType }),
    ...(authorName === null ? {} : { authorName }),
  };
  return { sourceId, replyTo, metadata, facts };
}

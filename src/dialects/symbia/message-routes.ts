/** Messages and control events: page through them, post them. */
import { Type } from '@sinclair/typebox';
import { sampleOf } from '../../contract/documents/sample.ts';
import { exampleValues } from '../../contract/examples/values.ts';
import type { Operation, Reply } from '../../contract/operation.ts';
import { Problem } from '../../domain/problem.ts';
import type { SymbiaDeps } from './caller.ts';
import { decodeControl, decodePost } from './decode.ts';
import { messageRowJson } from './encode.ts';
import { decodePage, readPage } from './message-page.ts';
import { conflict, onConversation, rowOf } from './on-conversation.ts';
import { ControlBody, ConversationPath, ListMessagesQuery, MessageRow, PostMessageBody } from './wire.ts';
import { controlReasons, notParticipant, postReasons } from './wording.ts';

const path = '/api/conversations/:id';

const { conversation, at: effectiveAt } = exampleValues;
const pausedExample = {
  ...(sampleOf(MessageRow) as object),
  ...{ content: 'stream.pause', content_type: 'event', priority: 'high', interruptible: false },
  metadata: {
    control: { event: 'stream.pause', conversationId: conversation, reason: 'lunch', effectiveAt },
  },
};

export function messageRoutes(deps: SymbiaDeps): Operation[] {
  return [list(deps), post(deps), control(deps)];
}

function list(deps: SymbiaDeps): Operation {
  return onConversation(
    deps,
    {
      id: 'symbia.listMessages',
      method: 'GET',
      path: `${path}/messages`,
      summary: 'Messages and control events, without deleted ones; by default the oldest 50',
      schemas: { params: ConversationPath, query: ListMessagesQuery },
      responses: { 200: { description: 'A bare array.', schema: Type.Array(MessageRow) } },
      words: { hidden: notParticipant },
    },
    async (request, at) => {
      const asked = decodePage(request.query);
      if (asked instanceof Problem) return asked;
      const page = await readPage(deps, at, asked);
      if (page instanceof Problem) return page;
      const { ref, state, entries } = page;
      const newest = entries.reduce((seq, { event }) => Math.max(seq, event.seq ?? 0), 0);
      if (newest > 0) deps.marks.mark(at.caller, at.id, newest);
      const rows = entries.map((entry) => messageRowJson(ref.tenant, entry, state));
      return { status: 200, text: `[${rows.join(',')}]`, contentType: 'application/json' };
    },
  );
}

function post(deps: SymbiaDeps): Operation {
  return onConversation(
    deps,
    {
      id: 'symbia.postMessage',
      rate: 'send',
      method: 'POST',
      path: `${path}/messages`,
      summary: 'Post a message; the answer means that it is durable',
      schemas: { params: ConversationPath, body: PostMessageBody },
      responses: {
        201: { description: 'The message; of a retry, the first one.', schema: MessageRow },
        409: conflict,
      },
      example: { body: { content: 'The ship is in.', contentType: 'text' } },
      words: { hidden: notParticipant, reasons: postReasons },
    },
    async (request, at) => {
      const decoded = decodePost(request.body, request.idempotencyKey);
      if (decoded instanceof Problem) return decoded;
      const outcome = await at.dispatch(decoded.command, decoded.trace);
      return answerRow(await rowOf(deps, at, outcome));
    },
  );
}

const answerRow = (row: MessageRow | Problem): Reply | Problem =>
  row instanceof Problem ? row : { status: 201, body: row };

function control(deps: SymbiaDeps): Operation {
  return onConversation(
    deps,
    {
      id: 'symbia.sendControl',
      method: 'POST',
      path: `${path}/control`,
      summary: 'Send a control event; it takes effect with the next position',
      schemas: { params: ConversationPath, body: ControlBody },
      responses: { 201: { description: 'The event as a message row.', schema: MessageRow } },
      example: { body: { event: 'stream.pause', reason: 'lunch' }, response: pausedExample },
      words: { hidden: notParticipant, reasons: controlReasons },
    },
    async (request, at) => {
      const decoded = decodeControl(request.body);
      if (decoded instanceof Problem) return decoded;
      const outcome = await at.dispatch(decoded.command, decoded.trace);
      return answerRow(await rowOf(deps, at, outcome));
    },
  );
}

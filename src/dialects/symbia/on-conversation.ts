/** What every route of one conversation does first and last: its id, its caller, its words. */
import {
  type Operation,
  type OperationDeclaration,
  type OperationSchemas,
  operation,
  type Reply,
  type RequestContext,
  type RequestOf,
} from '../../contract/operation.ts';
import type { Outcome } from '../../core/bus.ts';
import type { Command, CommandContext } from '../../domain/command.ts';
import type { ConversationRef } from '../../domain/event.ts';
import { type ConversationId, isUuid } from '../../domain/ids.ts';
import type { Principal } from '../../domain/principal.ts';
import { Problem } from '../../domain/problem.ts';
import type { ConversationState } from '../../domain/state.ts';
import { callerOf, type SymbiaDeps } from './caller.ts';
import { messageRow } from './encode.ts';
import { ErrorBody, type MessageRow } from './wire.ts';
import { inWords, noConversation, say, type Words } from './wording.ts';

/** Who reads what, in which environment. */
export interface Reading {
  readonly id: ConversationId;
  readonly caller: Principal;
  readonly env: string | null;
}

/** The conversation that a request names, and who names it. */
export interface At extends Reading {
  dispatch(command: Command, trace?: string | null): Promise<Outcome | Problem>;
}

/** Every route below a conversation may answer it: at least an id that is no UUID is. */
const notFound = { description: 'No such thing, or not for the caller', schema: ErrorBody };
/** For the routes that the state of the conversation may refuse. */
export const conflict = { description: 'Refused in the present state', schema: ErrorBody };

/** Before anybody is asked who it is, as upstream: what is no UUID is nobody's. */
export function guard({ id = '' }: Readonly<Record<string, string | undefined>>): Problem | null {
  return isUuid(id) ? null : say(noConversation);
}

/** Declares a route below `/api/conversations/:id`. A Problem that `answer` returns is put into `words`. */
export function onConversation<S extends OperationSchemas>(
  deps: SymbiaDeps,
  declaration: Omit<OperationDeclaration<S>, 'access'> & { readonly words: Words },
  answer: (request: RequestOf<S>, at: At) => Promise<Reply | Problem>,
): Operation {
  const { words, ...declared } = declaration;
  const responses = { 404: notFound, ...declared.responses };
  return operation<S>(
    { ...declared, responses, access: 'principal', guard, takesForms: true },
    async (request) => {
      // The guard has seen that it is one.
      const id = (request.params as { readonly id: string }).id.toLowerCase();
      const caller = await callerOf(request, deps);
      if (caller instanceof Problem) return caller;
      const dispatch: At['dispatch'] = (command, trace = null) =>
        deps.bus.dispatch(caller, command, contextOf(deps, request, id, trace));
      const answered = await answer(request, { id, caller, env: request.env, dispatch });
      return answered instanceof Problem ? inWords(answered, words) : answered;
    },
  );
}

/** A command's context with what the request's headers say. */
export function contextOf(
  deps: SymbiaDeps,
  request: RequestContext,
  conversation: ConversationId,
  trace: string | null,
): CommandContext {
  const { dataClass, policyRef, env } = request;
  return deps.bus.context(conversation, { trace, dataClass, policyRef, env });
}

/** The conversation as a participant sees it: this API has no observers. */
export async function stateAsParticipant(
  deps: Pick<SymbiaDeps, 'bus'>,
  { caller, id, env }: Reading,
): Promise<{ readonly ref: ConversationRef; readonly state: ConversationState } | Problem> {
  const found = await deps.bus.stateFor(caller, id, env);
  if (found instanceof Problem || found.state.participants.has(caller.id)) return found;
  return new Problem('not_found');
}

/** The row of the message or control event that a command made; a retry is answered with the first as it is now. */
export async function rowOf(
  deps: Pick<SymbiaDeps, 'bus'>,
  at: Reading,
  outcome: Outcome | Problem,
): Promise<MessageRow | Problem> {
  if (outcome instanceof Problem) return outcome;
  const { ref, state, events, duplicate } = outcome;
  if (duplicate !== null) {
    const first = await deps.bus.entry(at.caller, at.id, duplicate.messageId, at.env);
    if (first instanceof Problem) return first;
    if (first === null || first.deletedAt !== null)
      return new Problem('conflict', 'This message was deleted');
    return messageRow(ref.tenant, first, state);
  }
  const event = events.at(-1);
  if (event?.type !== 'message.posted' && event?.type !== 'control') return new Problem('internal');
  return messageRow(ref.tenant, { event, editedAt: null, deletedAt: null }, state);
}

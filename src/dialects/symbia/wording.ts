/** Refusals in the words of this API: its sentences are what clients know it by. */
import type { Reply } from '../../contract/operation.ts';
import { Problem, type ProblemCode } from '../../domain/problem.ts';

export type Said = readonly [code: ProblemCode, sentence: string];

/** How one route says what the rules refuse: by the problem's reason; `hidden` for what the caller may not see. */
export interface Words {
  readonly hidden: Said;
  readonly reasons?: Readonly<Record<string, Said>>;
}

/** Missing and hidden are one answer on conversation, message and control routes… */
export const notParticipant: Said = ['forbidden', 'Not a participant in this conversation'];
/** …and another one on join and participant routes. */
export const noConversation: Said = ['not_found', 'Conversation not found'];
export const noMessage: Said = ['not_found', 'Message not found'];
export const noParticipant: Said = ['not_found', 'Participant not found'];
export const noUser: Said = ['not_found', 'User not found'];

/** A refusal in its final words. */
export function say([code, sentence]: Said): Problem {
  return new Problem(code, sentence, { reason: 'said' });
}

/** The same refusal in the words of a route. */
export function inWords(problem: Problem, words: Words): Problem {
  const { code, reason } = problem;
  // An observer may read in the native protocol; here only participants do.
  if (reason === 'not_a_participant' || (code === 'not_found' && reason === undefined))
    return say(words.hidden);
  const said = reason === undefined ? undefined : words.reasons?.[reason];
  return said === undefined ? problem : say(said);
}

/** Every refusal of this API: `error` is upstream's key, `message` that of its frameworks. */
export function refuse(problem: Problem): Reply {
  const sentence = sentenceOf(problem);
  return { status: problem.status, body: { error: sentence, message: sentence } };
}

/** What the front end refuses before a route is asked has words of this API, too. */
function sentenceOf({ code, reason, message }: Problem): string {
  if (code === 'unauthenticated' && reason !== 'said') return 'Authentication required';
  if (code === 'forbidden' && reason === 'other_tenant') return notAuthorizedForOrg;
  if (code === 'forbidden' && reason === 'not_an_administrator') return 'Admin access required';
  return message;
}

export const noOrganization: Said = ['not_found', 'Organization not found'];
export const notAuthorizedForOrg = 'Not authorized for this organization';

/** What posting, editing, deleting and controlling are refused with, by reason: over REST and on the socket. */
export const postReasons: NonNullable<Words['reasons']> = {
  unknown_reply_to: ['invalid_request', 'replyTo is not a message of this conversation'],
  message_id_taken: ['conflict', 'A message with this id exists'],
  client_id_reused: ['conflict', 'This Idempotency-Key was used with other content'],
};
export const editReasons: NonNullable<Words['reasons']> = {
  message_not_found: noMessage,
  not_sender: ['forbidden', 'Not authorized to edit this message'],
  control_event: ['forbidden', 'Control events cannot be edited'],
};
export const deleteReasons: NonNullable<Words['reasons']> = {
  message_not_found: noMessage,
  not_sender: ['forbidden', 'Not authorized to delete this message'],
  control_event: ['forbidden', 'Control events cannot be deleted'],
};
export const controlReasons: NonNullable<Words['reasons']> = {
  control_not_allowed: ['forbidden', 'Not authorized to send control events'],
};

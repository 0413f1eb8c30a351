/** How an event of this API is declared: with the words of its refusals beside it. */
import type { Static, TSchema } from '@sinclair/typebox';
import {
  type EventDeclaration,
  type SocketEvent,
  socketEvent,
} from '../../../contract/sockets/event-socket.ts';
import type { Problem, ProblemCode } from '../../../domain/problem.ts';
import { inWords, type Said, type Words } from '../wording.ts';
import type { SymbiaSession } from './symbia-session.ts';

export interface EventWords extends Words {
  /** What is said when it is our fault. */
  readonly failed: string;
}

export interface SymbiaEvent {
  readonly event: SocketEvent;
  readonly words: EventWords;
}

export function symbiaEvent<S extends TSchema>(
  declaration: EventDeclaration<S>,
  words: EventWords,
  run: (session: SymbiaSession, argument: Static<S>) => Promise<object | Problem> | object | Problem,
): SymbiaEvent {
  return { event: socketEvent(declaration, run), words };
}

/** Missing and hidden are one answer. */
export const notIn: Said = ['forbidden', 'Not a participant'];

export const done = { success: true };

const ourFault: ReadonlySet<ProblemCode> = new Set(['internal', 'unavailable', 'overloaded', 'storage_full']);

/** The acknowledgement of an event that was refused. */
export function refusedAck(
  problem: Problem,
  words: EventWords,
): { readonly success: false; readonly error: string } {
  const error = ourFault.has(problem.code) ? words.failed : inWords(problem, words).message;
  return { success: false, error };
}

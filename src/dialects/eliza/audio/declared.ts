/** What routes of speech may refuse, for their declarations, and how the ports' problems are worded. */
import type { Reply } from '../../../contract/operation.ts';
import { refusalsOf } from '../../../contract/refusals.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { SpokenAudio } from '../../../ports/agents/speech.ts';
import { runningAgentOf } from '../agents/agent-of.ts';
import type { ElizaDeps } from '../deps.ts';
import { CodedProblem } from '../refuse.ts';
import { CodedError } from '../wire.ts';

export const audioErrors = refusalsOf(CodedError, {
  400: 'No text, no form, no recording, or one that cannot be used',
  401: 'No valid credential',
  403: 'The caller may not speak for others',
  404: 'No such agent, or it does not run; no such channel or message',
  413: 'More than is spoken, or heard, at once',
  429: 'Too many; see Retry-After',
  501: 'An engine is not installed: the message says what to install',
  503: 'An engine, or the agent, did not answer; see Retry-After',
});

/** Null when there is such an agent in the caller's tenant, and it runs. */
export async function refuseUnlessRunning(
  deps: Pick<ElizaDeps, 'agents'>,
  caller: Principal,
  agentId: string,
): Promise<Problem | null> {
  const agent = await runningAgentOf(deps, caller, agentId);
  return agent instanceof Problem ? agent : null;
}

export function invalid(sentence: string): Problem {
  return new CodedProblem('invalid_request', 'INVALID_REQUEST', sentence);
}

/** Of speech: what upstream calls a fault of the request, and of the file. */
export function inWords<Found>(outcome: Found | Problem, ofFile: boolean): Found | Problem {
  if (!(outcome instanceof Problem) || outcome instanceof CodedProblem) return outcome;
  if (outcome.code === 'invalid_request') return invalid(outcome.message);
  if (outcome.code !== 'too_large') return outcome;
  return new CodedProblem('too_large', ofFile ? 'FILE_TOO_LARGE' : 'TEXT_TOO_LONG', outcome.message);
}

/** As the real server answers: nothing but the sound. */
export function soundReply({ bytes, contentType }: SpokenAudio): Reply {
  return { status: 200, contentType, text: bytes };
}

/** As the official client reads it where it expects JSON. */
export function soundData({ bytes, contentType }: SpokenAudio): {
  readonly audio: string;
  readonly format: string;
} {
  return { audio: Buffer.from(bytes).toString('base64'), format: contentType.slice('audio/'.length) };
}

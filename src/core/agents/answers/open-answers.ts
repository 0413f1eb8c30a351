/** Who asks an agent and waits: each follows the conversation on its own node as a reader would. */
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { AgentAnswers, AnswerRequest } from '../../../ports/agents/agent-answers.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Directory, KnownPrincipal } from '../../../ports/identity/identity-service.ts';
import type { NodeLink } from '../../../ports/node-link.ts';
import type { LiveBus } from '../../bus.ts';
import { turnNames } from '../turns/turn-names.ts';
import { Expectation } from './expected-answer.ts';
import { type LookBackDeps, lookBack } from './look-back.ts';
import { WaitingAnswers } from './waiting-answers.ts';

export interface AnswersDeps extends LookBackDeps {
  readonly live: Pick<LiveBus, 'listen'>;
  readonly directory: Pick<Directory, 'principalsOf'>;
  readonly link: Pick<NodeLink, 'onTell'>;
  readonly clock: Clock;
}

export function openAnswers(deps: AnswersDeps): AgentAnswers {
  const waiting = new WaitingAnswers(deps.link);
  return {
    async expect(principal, request) {
      const leave = waiting.takePlace();
      if (leave === null) return overloaded('agent_answers');
      const begun = await begin(deps, principal, request);
      if (begun instanceof Problem) {
        leave();
        return begun;
      }
      const { expectation, stop } = begun;
      const { tenant } = principal;
      const { conversation, agent } = request;
      const releases = [leave, stop, waiting.add(tenant, conversation, expectation)];
      bound(deps.clock, request, expectation, releases);
      return {
        answer: expectation.answer,
        async lookBack(message = request.message) {
          const names = turnNames(deps.ids, { tenant, conversation, message, agent });
          if (message !== request.message) expectation.becomes(message, names);
          await lookBack(deps, principal, { ...request, message }, expectation);
        },
        cancel: () => expectation.end(unavailable('Nobody waits any more.', 'cancelled')),
      };
    },
  };
}

/** Listens from now on; what it answers as `stop` ends that. */
async function begin(
  deps: AnswersDeps,
  principal: Principal,
  request: AnswerRequest,
): Promise<{ readonly expectation: Expectation; readonly stop: () => void } | Problem> {
  const { conversation, message, agent, onPiece = () => undefined } = request;
  const known = await agentOf(deps.directory, principal, request);
  if (known instanceof Problem) return known;
  const names = turnNames(deps.ids, { tenant: principal.tenant, conversation, message, agent });
  const { runs } = known;
  const expectation = new Expectation({ message, agent, asker: principal.id, names, runs, onPiece });
  const listened = await deps.live.listen(principal, conversation, {
    event: ({ event }) => expectation.takeEvent(event),
    delta: (delta, author) => expectation.takeDelta(delta, author),
    ended: () => expectation.end(unavailable('The conversation has to be read anew.', 'cancelled')),
  });
  if (listened instanceof Problem) return listened;
  const { state, stop } = listened;
  if (state.participants.has(agent)) return { expectation, stop };
  stop();
  return new Problem('not_found', 'The agent does not take part in the conversation.');
}

async function agentOf(
  directory: AnswersDeps['directory'],
  { tenant }: Principal,
  { agent, mustRun }: AnswerRequest,
): Promise<KnownPrincipal | Problem> {
  const known = await directory.principalsOf(tenant, [agent]);
  if (known instanceof Problem) return known;
  const found = known.get(agent);
  if (found === undefined) return new Problem('not_found');
  const isThere = found.status === 'active' && (found.runs || mustRun !== true);
  return isThere ? found : new Problem('unavailable', 'The agent does not run.', { reason: 'not_running' });
}

/** Ends the wait by time or signal, and everything else with the wait. */
function bound(
  clock: Clock,
  request: AnswerRequest,
  expectation: Expectation,
  releases: (() => void)[],
): void {
  const { signal, timeoutMs = limits.answerWaitMsMax } = request;
  const cancelled = (): void => expectation.end(unavailable('Nobody waits any more.', 'cancelled'));
  const timedOut = (): void => expectation.end(unavailable('The agent took too long.', 'timed_out'));
  releases.push(clock.after(Math.min(timeoutMs, limits.answerWaitMsMax), timedOut));
  signal?.addEventListener('abort', cancelled);
  releases.push(() => signal?.removeEventListener('abort', cancelled));
  if (signal?.aborted === true) cancelled();
  void expectation.answer.then(() => {
    for (const release of releases) release();
  });
}

function unavailable(sentence: string, reason: string): Problem {
  return new Problem('unavailable', sentence, { reason });
}

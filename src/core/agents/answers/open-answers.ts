/** Who asks an agent and waits: each follows the conversation on its own node as a reader would. */
import type { TenantId } from '../../../domain/ids.ts';
import { overloaded } from '../../../domain/limiting/overload.ts';
import { limits } from '../../../domain/limits.ts';
import type { Principal } from '../../../domain/principal.ts';
import { Problem } from '../../../domain/problem.ts';
import type { AgentAnswers, AnswerRequest } from '../../../ports/agents/agent-answers.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { IdSource } from '../../../ports/id-source.ts';
import type { Directory, KnownPrincipal } from '../../../ports/identity/identity-service.ts';
import type { NodeLink } from '../../../ports/node-link.ts';
import type { Bus, LiveBus } from '../../bus.ts';
import { turnNames } from '../turns/turn-names.ts';
import { endedTurn, followEndedTurns } from '../turns/turn-news.ts';
import { Expectation } from './expected-answer.ts';

export interface AnswersDeps {
  readonly bus: Pick<Bus, 'entry' | 'history'>;
  readonly live: Pick<LiveBus, 'listen'>;
  readonly directory: Pick<Directory, 'principalsOf'>;
  readonly ids: Pick<IdSource, 'fromName'>;
  readonly link: Pick<NodeLink, 'onTell'>;
  readonly clock: Clock;
}

export function openAnswers(deps: AnswersDeps): AgentAnswers {
  const { bus, live, directory, ids, clock } = deps;
  /** By tenant and conversation. Bounded by limits.answersExpectedMax. */
  const waiting = new Map<string, Set<Expectation>>();
  let count = 0;

  followEndedTurns(deps.link, (turn) => {
    for (const one of waiting.get(keyOf(turn.tenant, turn.conversation)) ?? []) {
      if (one.concerns(turn.message) && one.agent === turn.agent) one.end(endedTurn(turn.end));
    }
  });

  async function agentOf(
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

  function keep(tenant: TenantId, conversation: string, expectation: Expectation): () => void {
    const key = keyOf(tenant, conversation);
    const there = waiting.get(key) ?? new Set();
    waiting.set(key, there.add(expectation));
    return () => {
      there.delete(expectation);
      if (there.size === 0 && waiting.get(key) === there) waiting.delete(key);
    };
  }

  /** What became of the message so far, oldest first, and then what the answer's id says. */
  async function lookBack(principal: Principal, request: AnswerRequest, expectation: Expectation) {
    const { conversation, message, agent } = request;
    const entry = await bus.entry(principal, conversation, message, null);
    if (entry instanceof Problem || entry === null) return;
    expectation.takeEvent(entry.event);
    const range = { afterSeq: entry.event.seq ?? 0, limit: limits.answerSoughtMax, keep: 'oldest' } as const;
    const page = await bus.history(principal, conversation, range);
    if (page instanceof Problem) return;
    for (const { event, deletedAt } of page.entries) if (deletedAt === null) expectation.takeEvent(event);
    if (expectation.isOver || !page.hasMore) return;
    const { answer } = turnNames(ids, { tenant: principal.tenant, conversation, message, agent });
    const late = await bus.entry(principal, conversation, answer, null);
    if (late !== null && !(late instanceof Problem) && late.deletedAt === null)
      expectation.takeEvent(late.event);
  }

  /** Ends the wait by time or signal, and everything else with the wait. */
  function bound(request: AnswerRequest, expectation: Expectation, releases: (() => void)[]): void {
    const { signal, timeoutMs = limits.answerWaitMsMax } = request;
    const cancelled = (): void => expectation.end(unavailable('Nobody waits any more.', 'cancelled'));
    const timedOut = (): void => expectation.end(unavailable('The agent took too long.', 'timed_out'));
    releases.push(clock.after(Math.min(timeoutMs, limits.answerWaitMsMax), timedOut));
    signal?.addEventListener('abort', cancelled);
    releases.push(() => signal?.removeEventListener('abort', cancelled));
    if (signal?.aborted === true) cancelled();
    void expectation.answer.then(() => {
      count -= 1;
      for (const release of releases) release();
    });
  }

  async function begin(principal: Principal, request: AnswerRequest) {
    const { conversation, message, agent, onPiece = () => undefined } = request;
    const known = await agentOf(principal, request);
    if (known instanceof Problem) return known;
    const names = turnNames(ids, { tenant: principal.tenant, conversation, message, agent });
    const { runs } = known;
    const expectation = new Expectation({ message, agent, asker: principal.id, names, runs, onPiece });
    const listened = await live.listen(principal, conversation, {
      event: ({ event }) => expectation.takeEvent(event),
      delta: (delta, author) => expectation.takeDelta(delta, author),
      ended: () => expectation.end(unavailable('The conversation has to be read anew.', 'cancelled')),
    });
    if (listened instanceof Problem) return listened;
    if (!listened.state.participants.has(agent)) {
      listened.stop();
      return new Problem('not_found', 'The agent does not take part in the conversation.');
    }
    return { expectation, listened };
  }

  return {
    async expect(principal, request) {
      if (count >= limits.answersExpectedMax) return overloaded('agent_answers');
      count += 1;
      const begun = await begin(principal, request);
      if (begun instanceof Problem) {
        count -= 1;
        return begun;
      }
      const { expectation, listened } = begun;
      const { tenant } = principal;
      const { conversation, agent } = request;
      bound(request, expectation, [listened.stop, keep(tenant, conversation, expectation)]);
      return {
        answer: expectation.answer,
        async lookBack(message = request.message) {
          const names = turnNames(ids, { tenant, conversation, message, agent });
          if (message !== request.message) expectation.becomes(message, names);
          await lookBack(principal, { ...request, message }, expectation);
        },
        cancel: () => expectation.end(unavailable('Nobody waits any more.', 'cancelled')),
      };
    },
  };
}

function unavailable(sentence: string, reason: string): Problem {
  return new Problem('unavailable', sentence, { reason });
}

function keyOf(tenant: TenantId, conversation: string): string {
  return `${tenant} ${conversation}`;
}

/** The AgentTurnQueue port over the stream AGENTS. */
import { limits } from '../../../domain/limits.ts';
import type { AgentTurn, AgentTurnQueue } from '../../../ports/agents/agent-turns.ts';
import type { Requester } from '../connections/requester.ts';
import { openPublisher } from '../log/publisher.ts';
import type { Streams } from '../streams/streams.ts';
import { agentSubject, ofAgentSubject, partitionOf, place, token } from '../subjects.ts';

export function openTurnQueue(requester: Requester, streams: Pick<Streams, 'partitions'>): AgentTurnQueue {
  const publisher = openPublisher(requester);

  function publish(turn: AgentTurn) {
    const { ref, agent, message, seq, at, trace } = turn;
    const subject = agentSubject(partitionOf(ref.conversation, streams.partitions), ref, agent);
    const body = Buffer.from(JSON.stringify({ message, seq, at, trace }));
    return publisher.publishAnyhow(subject, body, `${place(ref)}.${seq}.${token(agent)}`);
  }

  return {
    async add(turns) {
      for (let start = 0; start < turns.length; start += limits.agentTurnsAddedAtOnce) {
        const some = turns.slice(start, start + limits.agentTurnsAddedAtOnce);
        const refused = (await Promise.all(some.map(publish))).find((one) => one !== null);
        if (refused !== undefined) return refused;
      }
      return null;
    },
  };
}

/** Null for a message that is no turn. */
export function readTurn(subject: string, body: string): AgentTurn | null {
  try {
    const { message, seq, at, trace } = JSON.parse(body) as Partial<AgentTurn>;
    if (typeof message !== 'string' || typeof seq !== 'number' || typeof at !== 'number') return null;
    const turn = { ...ofAgentSubject(subject), message, seq, at };
    return typeof trace === 'string' ? { ...turn, trace } : turn;
  } catch {
    return null;
  }
}

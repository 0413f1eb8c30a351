/** The NodeLink port: `sys.>` requests and announcements between nodes. */
import type { Msg } from '@nats-io/transport-node';
import type { NodeId } from '../../domain/ids.ts';
import type { Logger } from '../../ports/logger.ts';
import type { NodeLink } from '../../ports/node-link.ts';
import type { Nats } from './connections/connection.ts';
import { anyNodeSubject, nodeSubject, tellSubject } from './subjects.ts';

export function openNodeLink(nats: Nats, node: NodeId, log: Logger): NodeLink {
  const { connection, requester } = nats;
  const encode = (body: unknown): Uint8Array => Buffer.from(JSON.stringify(body ?? null));

  return {
    node,

    async ask(other, verb, body, timeoutMs) {
      const answer = await requester.request(nodeSubject(other, verb), encode(body), null, timeoutMs);
      return answer.kind === 'message' ? answer.message.json() : null;
    },

    async askAny(verb, body, timeoutMs) {
      const request = encode({ from: node, body });
      const { messages } = await requester.requestMany(anyNodeSubject(verb), request, timeoutMs, () => true);
      return messages.length > 0;
    },

    tell(kind, body) {
      requester.send(tellSubject(kind), encode(body), null);
    },

    onAsk(verb, answer) {
      const reply = async (message: Msg, body: unknown): Promise<void> => {
        try {
          const result = await answer(body);
          message.respond(encode(result));
        } catch (error) {
          log.error({ error, verb }, 'A request of another node failed');
        }
      };
      connection.subscribe(nodeSubject(node, verb), {
        callback: (_error, message) => void reply(message, message.json()),
      });
      connection.subscribe(anyNodeSubject(verb), {
        // Only a node that can say yes answers: the first answer decides.
        callback: (_error, message) => {
          const { from, body } = message.json<{ from: string; body: unknown }>();
          if (from === node) return;
          void answer(body).then((result) => {
            if (result === true) message.respond(encode(true));
          });
        },
      });
    },

    onTell(kind, run) {
      connection.subscribe(tellSubject(kind), { callback: (_error, message) => run(message.json()) });
    },
  };
}

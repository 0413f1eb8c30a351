import type { NodeLink } from '../../../src/ports/node-link.ts';

/**
 * Links between the nodes of one process. Bodies cross as JSON, in a later turn, as over NATS; a cut
 * cable loses what is told.
 */
export class NodeLinks {
  readonly #nodes = new Map<string, Node>();
  isCut = false;

  open(node: string): NodeLink {
    const made: Node = { asked: new Map(), told: [] };
    this.#nodes.set(node, made);
    return {
      node,
      ask: async (other, verb, body) => {
        const answer = this.isCut ? undefined : this.#nodes.get(other)?.asked.get(verb);
        return answer === undefined ? null : copy(await answer(copy(body)));
      },
      askAny: async (verb, body) => {
        if (this.isCut) return false;
        const others = [...this.#nodes].filter(([name]) => name !== node);
        const answers = others.map(([, { asked }]) => asked.get(verb)?.(copy(body)));
        return (await Promise.all(answers)).includes(true);
      },
      tell: (kind, body) => {
        if (this.isCut) return;
        setImmediate(() => {
          for (const { told } of this.#nodes.values()) {
            for (const one of told) if (one.kind === kind) one.run(copy(body));
          }
        });
      },
      onAsk: (verb, answer) => void made.asked.set(verb, answer),
      onTell: (kind, run) => void made.told.push({ kind, run }),
    };
  }
}

interface Node {
  readonly asked: Map<string, (body: unknown) => Promise<unknown>>;
  readonly told: { readonly kind: string; readonly run: (body: unknown) => void }[];
}

function copy(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

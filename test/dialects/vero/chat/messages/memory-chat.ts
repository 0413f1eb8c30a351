/** Routes of messages over the Bus in memory: what real servers do too slowly, or not at will. */
import type { Operation, Reply } from '../../../../../src/contract/operation.ts';
import type { ChatDeps } from '../../../../../src/dialects/vero/chat/chat-deps.ts';
import type { Command } from '../../../../../src/domain/command.ts';
import type { Principal } from '../../../../../src/domain/principal.ts';
import { Problem } from '../../../../../src/domain/problem.ts';
import { MemoryBus } from '../../../../kit/memory/memory-bus.ts';
import { create, member, post } from '../../../../kit/memory/memory-commands.ts';
import { person } from '../../../../kit/memory/memory-principals.ts';

export const ada = person('ada');

export function startMemoryChat() {
  const bus = new MemoryBus();
  const world = { nowMs: 0 };
  const deps = {
    bus,
    personal: { blockedBy: () => new Set(), clearedSeq: () => 0 },
    media: () => [],
    projectedNow: async () => true,
    clock: {
      nowMicros: () => 0,
      monotonicMs: () => world.nowMs,
      // Time passes when somebody waits.
      after(ms: number, run: () => void) {
        world.nowMs += ms;
        setImmediate(run);
        return () => undefined;
      },
    },
  } as unknown as ChatDeps;

  async function run(command: Command, conversation: string) {
    const outcome = await bus.dispatch(ada, command, bus.context(conversation));
    if (outcome instanceof Problem) throw new Error(outcome.message);
    return outcome;
  }

  return {
    ...{ bus, deps, world },
    /** A conversation of ada with ben and so many messages of hers. */
    async conversation(messages: number): Promise<string> {
      const id = bus.newConversationId();
      await run(create({ participants: [member(person('ben'))] }), id);
      for (let n = 1; n <= messages; n += 1) await run(post(`m${n}`), id);
      return id;
    },
    texts: (id: string): readonly string[] =>
      (bus.conversation(ada.tenant, id)?.timeline ?? []).map((entry) =>
        entry.event.type === 'message.posted' && entry.deletedAt === null ? entry.event.data.content : 'gone',
      ),
    /** As `principal`, with what the headers of a plain request say. */
    async ask(operation: Operation, body: unknown, principal: Principal = ada): Promise<Reply | Problem> {
      const context = { env: null, dataClass: 'none', policyRef: null, idempotencyKey: null, orgId: null };
      return await operation.answer({ ...context, principal, caller: principal, body } as never);
    },
  };
}

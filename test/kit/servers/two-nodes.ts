/** Two nodes over one nats-server and one database, and somebody who owns a conversation there. */
import { randomUUID } from 'node:crypto';
import type { Outcome } from '../../../src/core/bus.ts';
import type { Command, CommandContext } from '../../../src/domain/command.ts';
import type { ConversationRef, LogEntry } from '../../../src/domain/event.ts';
import type { Principal, PrincipalKind, Scope } from '../../../src/domain/principal.ts';
import type { Problem } from '../../../src/domain/problem.ts';
import { must } from '../clients/reader.ts';
import { create, member } from '../memory/memory-commands.ts';
import type { Teardown } from '../temporary.ts';
import { type CoreNode, type CoreNodeOptions, openCoreNode, principal } from './core-node.ts';
import { startNats, type TestNats } from './nats.ts';
import { startPostgres } from './postgres.ts';

export interface TwoNodes {
  readonly server: TestNats;
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly here: CoreNode;
  readonly there: CoreNode;
  readonly owner: Principal;
  /** Somebody of the same tenant. */
  one(id: string, kind?: PrincipalKind, scopes?: readonly Scope[]): Principal;
  /** A conversation of the owner, made here. */
  conversation(...others: readonly Principal[]): Promise<string>;
  send(node: CoreNode, who: Principal, conversation: string, command: Command): Promise<Outcome | Problem>;
  ref(conversation: string): ConversationRef;
  /** Every entry that the log holds now. */
  stored(conversation: string): Promise<readonly LogEntry[]>;
}

type NodeOptions = Partial<CoreNodeOptions>;

const everything: readonly Scope[] = [
  'cap:messaging.interrupt',
  'cap:messaging.route',
  'cap:messaging.observe',
];

export async function startTwoNodes(
  t: Teardown,
  options: { here?: NodeOptions; there?: NodeOptions } = {},
): Promise<TwoNodes> {
  const server = await startNats(t);
  const { url: databaseUrl } = await startPostgres(t);
  const natsUrl = server.url.replace('//', `//${server.user}:${server.pass}@`);
  const here = await openCoreNode({ natsUrl, databaseUrl, name: 'here', ...options.here });
  t.teardown(() => here.close());
  const there = await openCoreNode({
    natsUrl,
    databaseUrl,
    name: 'there',
    projects: false,
    ...options.there,
  });
  t.teardown(() => there.close());
  const tenant = randomUUID();
  const one: TwoNodes['one'] = (id, kind, scopes) => principal(tenant, id, kind, scopes);
  const owner = one('ada', 'user', everything);
  const ref = (conversation: string): ConversationRef => ({ tenant, service: null, conversation });
  return {
    ...{ server, natsUrl, databaseUrl, here, there, owner, one, ref },
    async conversation(...others) {
      const { bus } = here.core;
      const participants = others.map((other) => member(other));
      const made = await bus.dispatch(owner, create({ participants }), bus.context(bus.newConversationId()));
      return must(made).ref.conversation;
    },
    send: (node, who, conversation, command) => send(node, who, conversation, command),
    async stored(conversation) {
      const entries: LogEntry[] = [];
      for (;;) {
        const page = must(await there.log.readAfter(ref(conversation), entries.at(-1)?.logSeq ?? 0, 500));
        entries.push(...page.entries);
        if (page.isLast) return entries;
      }
    },
  };
}

function send(
  node: CoreNode,
  who: Principal,
  conversation: string,
  command: Command,
  fields?: Partial<CommandContext>,
): Promise<Outcome | Problem> {
  return node.core.bus.dispatch(who, command, node.core.bus.context(conversation, fields));
}

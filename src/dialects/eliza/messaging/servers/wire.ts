/** Server (eliza.md §1), and what is asked about servers (§3). */
import { type Static, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../../contract/examples/values.ts';
import { defaultServer } from '../../wire.ts';
import { successOf } from '../refusals.ts';

const optional = Type.Optional;
const agent = '16e018ec-e5a1-03b7-9053-1de58d16b961';
const Text = (value: string) => Type.String({ examples: [value] });

export const ByServer = Type.Object({ serverId: Text(defaultServer) });
export const ByAgent = Type.Object({ agentId: Text(agent) });
export const ByServerAndAgent = Type.Object({ serverId: Text(defaultServer), agentId: Text(agent) });

export const ServerRow = Type.Object({
  id: Text('0193a1f0-5b7e-7c31-9d42-6f1c0e8a2b11'),
  name: Text('Harbour'),
  sourceType: Text('discord'),
  sourceId: optional(Text('guild-7')),
  metadata: Type.Record(Type.String(), Type.Unknown(), { examples: [{}] }),
  createdAt: Type.String({ format: 'date-time', examples: [example.at] }),
  updatedAt: Type.String({ format: 'date-time', examples: [example.at] }),
});
export type ServerRow = Static<typeof ServerRow>;

export const ServerRequest = Type.Object({
  name: optional(Type.Unknown({ examples: ['Harbour'] })),
  sourceType: optional(Type.Unknown({ examples: ['discord'] })),
  sourceId: optional(Type.Unknown({ examples: ['guild-7'] })),
  metadata: optional(Type.Unknown({ examples: [{}], description: 'An object up to 16 KB' })),
});
export const SyncRequest = Type.Object({
  channels: optional(
    Type.Unknown({
      examples: [[{ name: 'general', type: 'GROUP', sourceId: 'channel-7' }]],
      description: 'At most 100',
    }),
  ),
});
export const AgentRequest = Type.Object({ agentId: optional(Type.Unknown({ examples: [agent] })) });

export const CurrentServer = successOf(Type.Object({ messageServerId: Text(defaultServer) }));
export const Servers = successOf(Type.Object({ messageServers: Type.Array(ServerRow) }));
export const CentralServers = successOf(Type.Object({ servers: Type.Array(ServerRow) }));
export const MadeServer = successOf(Type.Object({ server: ServerRow }));
export const ServerAgents = successOf(
  Type.Object({ messageServerId: Text(defaultServer), agents: Type.Array(Text(agent)) }),
);
export const ServerAgent = successOf(
  Type.Object({
    messageServerId: Text(defaultServer),
    agentId: Text(agent),
    message: Text('Agent added to message server successfully'),
  }),
);
export const ServersOfAgent = successOf(
  Type.Object({ agentId: Text(agent), messageServers: Type.Array(Text(defaultServer)) }),
);

/** Channel (eliza.md §1), and what is asked about channels (§3). */
import { type Static, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../../contract/examples/values.ts';
import { defaultServer } from '../../wire.ts';
import { successOf } from '../refusals.ts';

const optional = Type.Optional;

/** Paths are looked at by their routes, which have words of their own for what is no id. */
export const ByChannel = Type.Object({ channelId: Type.String({ examples: [example.conversation] }) });

export const ChannelRow = Type.Object({
  id: Type.String({ examples: [example.conversation] }),
  messageServerId: Type.String({ examples: [defaultServer] }),
  name: Type.String({ examples: ['Harbour'] }),
  type: Type.String({ examples: ['GROUP'] }),
  sourceType: optional(Type.String({ examples: ['auto_created'] })),
  sourceId: optional(Type.String({ examples: ['guild-7'] })),
  topic: optional(Type.String({ examples: ['Ships'] })),
  metadata: Type.Record(Type.String(), Type.Unknown(), {
    examples: [{ participantCentralUserIds: [example.user] }],
    description: 'As given; participantCentralUserIds tells who takes part',
  }),
  createdAt: Type.String({ format: 'date-time', examples: [example.at] }),
  updatedAt: Type.String({ format: 'date-time', examples: [example.at] }),
});
export type ChannelRow = Static<typeof ChannelRow>;

const Given = (value: unknown, description?: string) =>
  optional(Type.Unknown({ examples: [value], ...(description === undefined ? {} : { description }) }));
const agent = '16e018ec-e5a1-03b7-9053-1de58d16b961';

export const ByChannelAndAgent = Type.Object({
  channelId: Type.String({ examples: [example.conversation] }),
  agentId: Type.String({ examples: [agent] }),
});

export const ChannelRequest = Type.Object({
  name: Given('Harbour'),
  participantCentralUserIds: Given([example.user, agent], 'UUIDs; absent: the caller alone'),
  message_server_id: Given(defaultServer, 'Absent: the default one'),
  server_id: Given(defaultServer, 'The same'),
  type: Given('GROUP', 'Any word'),
  metadata: Given({}, 'An object up to 16 KB'),
});
export const ChannelChange = Type.Object({
  name: Given('Port'),
  participantCentralUserIds: Given([example.user], 'Replaces who takes part'),
  metadata: Given({ topic: 'ships' }, 'Replaces the metadata'),
});
export const AgentRequest = Type.Object({ agentId: Given(agent) });
export const DmQuery = Type.Object({
  currentUserId: optional(Type.String({ examples: [example.user] })),
  targetUserId: optional(Type.String({ examples: [agent] })),
  dmServerId: optional(Type.String({ examples: [defaultServer] })),
});
export const DmPath = Type.Object({
  agentId: Type.String({ examples: [agent] }),
  userId: Type.String({ examples: [example.user] }),
});

export const OneChannel = successOf(ChannelRow);
const Id = Type.String({ examples: [example.user] });
export const Participants = successOf(Type.Array(Id, { examples: [[example.user, agent]] }));
export const ChannelAgents = successOf(
  Type.Object({ channelId: Type.String({ examples: [example.conversation] }), participants: Type.Array(Id) }),
);
export const ChannelAgent = successOf(
  Type.Object({
    channelId: Type.String({ examples: [example.conversation] }),
    agentId: Type.String({ examples: [agent] }),
    message: Type.String({ examples: ['Agent added to channel successfully'] }),
  }),
);

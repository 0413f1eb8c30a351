/** Channel (eliza.md §1), and what is asked about channels (§3). */
import { type Static, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../../contract/examples/values.ts';
import { defaultServer } from '../../wire.ts';

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

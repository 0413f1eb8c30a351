/** Bodies of the routes about limits. */
import { type Static, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../contract/examples/values.ts';
import { limits } from '../../domain/limits.ts';

const orDefault = (minimum: number, maximum: number) =>
  Type.Optional(Type.Union([Type.Integer({ minimum, maximum }), Type.Null()]));

export const PatchLimits = Type.Object(
  {
    conversations: orDefault(0, limits.tenantConversationsMax),
    participants: orDefault(2, limits.participantsMax),
    messages_per_second: orDefault(1, limits.tenantMessagesPerSecondMax),
  },
  { title: 'ChangeLimits' },
);
export type PatchLimits = Static<typeof PatchLimits>;

export const TenantLimitsBody = Type.Object(
  {
    tenant_id: Type.String({ examples: [example.tenant] }),
    conversations: Type.Integer({ description: 'Conversations that are not deleted', examples: [500] }),
    participants: Type.Integer({
      description: 'Participants of one conversation',
      examples: [limits.participantsMax],
    }),
    messages_per_second: Type.Integer({
      description: 'Posts on each node; twice as many at once',
      examples: [limits.tenantMessagesPerSecond],
    }),
    overridden: Type.Array(Type.String(), {
      description: 'Names of those that are not the default',
      examples: [['conversations']],
    }),
  },
  { title: 'TenantLimits' },
);
export type TenantLimitsBody = Static<typeof TenantLimitsBody>;

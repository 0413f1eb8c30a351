/** Requests and rows of the administration routes. */
import { type Static, Type } from '@sinclair/typebox';
import { exampleValues as example } from '../../../contract/examples/values.ts';
import { limits } from '../../../domain/limits.ts';
import {
  Checked,
  ConversationRow,
  ConversationWithParticipants,
  checkedText,
  MessageRow,
  type ParticipantRow,
} from '../wire.ts';

const orgId = checkedText('The tenant; of a super admin any, without it all.');
const type = Checked({ enum: ['private', 'group'], description: 'Only conversations of this type.' });
const count = (description: string, shown: number) =>
  Type.Integer({ minimum: 0, description, examples: [shown] });

export const PageQuery = Type.Object({
  orgId,
  type,
  limit: checkedText(`1 to ${limits.listPageMax}, default 50.`),
  offset: checkedText('How many are left out, default 0.'),
});
export type PageQuery = Static<typeof PageQuery>;

export const StatsQuery = Type.Object({ orgId, type });
export const OrgQuery = Type.Object({ orgId });

export const ConversationPage = Type.Object(
  {
    conversations: Type.Array(ConversationRow),
    total: count('On all pages.', 1),
    limit: Type.Integer({ examples: [50] }),
    offset: Type.Integer({ examples: [0] }),
  },
  { title: 'ConversationPage' },
);

export const AdminMessageRow = Type.Composite(
  [
    MessageRow,
    Type.Object({
      data_class: Type.String({ description: '`none`, `pii`, `phi` or `secret`.', examples: ['none'] }),
      policy_ref: Type.Union([Type.String(), Type.Null()], {
        description: 'X-Policy-Ref of the post.',
        examples: [null],
      }),
    }),
  ],
  { title: 'AdminMessage' },
);
export type AdminMessageRow = Static<typeof AdminMessageRow>;

export const AdminConversation = Type.Composite(
  [
    ConversationWithParticipants,
    Type.Object({
      recentMessages: Type.Array(AdminMessageRow, {
        description: `The newest ${limits.recentMessagesShown}, oldest first, without deleted ones.`,
      }),
    }),
  ],
  { title: 'AdminConversation' },
);

export const UserPath = Type.Object({ userId: Type.String() });

export const AddMemberBody = Type.Object({
  userId: checkedText('Required.', limits.principalIdCharsMax),
  userType: Checked({ enum: ['user', 'agent'], default: 'user' }),
  role: Checked({ enum: ['owner', 'admin', 'member'], default: 'member' }),
});

export const TenantStats = Type.Object(
  {
    totalConversations: count('Those that were deleted count nowhere.', 12),
    totalMessages: count('Timeline entries: with deleted messages and control events.', 345),
    uniqueParticipants: count('Different participants; one id in two tenants is two.', 7),
  },
  { title: 'Stats' },
);

export const AdminStats = Type.Composite(
  [
    TenantStats,
    Type.Object({
      activeConversations24h: count('With an event in the last 24 hours.', 3),
      filters: Type.Object({
        orgId: Type.Union([Type.String(), Type.Null()], { examples: [example.tenant] }),
        type: Type.Union([Type.String(), Type.Null()], { examples: [null] }),
      }),
    }),
  ],
  { title: 'AdminStats' },
);

const needed = (shown: string) => Checked({ type: 'string', description: 'Required.', examples: [shown] });

export const ChannelQuery = Type.Object({
  channelType: needed('whatsapp'),
  connectionId: needed('5d7c2f'),
  chatId: needed('4915112345678'),
});

export const FoundByChannel = Type.Object({
  conversationId: Type.Union([Type.String(), Type.Null()], { examples: [example.conversation] }),
  conversation: Type.Optional(ConversationRow),
});

export type { ParticipantRow };

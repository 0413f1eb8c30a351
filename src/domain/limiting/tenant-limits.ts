/** What one tenant may have and do at most; an administrator of the platform may set others for a tenant. */
import { limits } from '../limits.ts';
import type { Rate } from './token-bucket.ts';

export interface TenantLimits {
  /** Conversations that are not deleted. */
  readonly conversations: number;
  /** Participants of one conversation. */
  readonly participants: number;
  /** Posts over all conversations and dialects, on each node; twice as many at once. */
  readonly messagesPerSecond: number;
}

export const defaultTenantLimits: TenantLimits = {
  conversations: limits.tenantConversations,
  participants: limits.participantsMax,
  messagesPerSecond: limits.tenantMessagesPerSecond,
};

/** What was set for a tenant; null: the default. */
export type TenantOverrides = { readonly [Name in keyof TenantLimits]: number | null };

export function limitsWith(overrides: TenantOverrides): TenantLimits {
  return {
    conversations: overrides.conversations ?? defaultTenantLimits.conversations,
    participants: overrides.participants ?? defaultTenantLimits.participants,
    messagesPerSecond: overrides.messagesPerSecond ?? defaultTenantLimits.messagesPerSecond,
  };
}

export function messageRate({ messagesPerSecond }: TenantLimits): Rate {
  return { perSecond: messagesPerSecond, burst: messagesPerSecond * 2 };
}

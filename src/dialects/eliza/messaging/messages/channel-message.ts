/** A message for a channel, whichever road it comes, and whom its metadata names. */
import {
  type ConversationId,
  canonicalUuid,
  type MessageId,
  type PrincipalId,
} from '../../../../domain/ids.ts';
import type { MessageFacts } from '../kept.ts';

/** Checked before: content and metadata are within their limits, ids are UUIDs in lower case. */
export interface ChannelMessage {
  readonly channel: ConversationId;
  /** Null: that of the channel, of a new one the default one. */
  readonly server: string | null;
  /** Null: the caller. */
  readonly author: PrincipalId | null;
  readonly content: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly facts: MessageFacts;
  readonly replyTo: MessageId | null;
  /** Becomes that of the message: a repeated one answers the first message. Null: a new one. */
  readonly messageId: MessageId | null;
  /** The same for ids that are no UUIDs. */
  readonly clientId: string | null;
  /** It says nobody in particular what to do: an agent that speaks itself, or a notice. Agents do not answer it. */
  readonly isNotice?: true;
  /** For a channel that is there, and is not made by it. */
  readonly isForThere?: true;
  /** Refused where nobody else takes part, before anything is stored. */
  readonly needsListener?: true;
}

/** The agent that the client names. */
export function targetOf({ metadata }: ChannelMessage): PrincipalId | null {
  const { targetAgentId: named } = metadata as { readonly targetAgentId?: unknown };
  return typeof named === 'string' ? canonicalUuid(named) : null;
}

/** Whoever is named in the metadata of the first message of a channel will take part in it. */
export function namesSomebody(message: ChannelMessage): boolean {
  return targetOf(message) !== null || partnerOf(message) !== null;
}

/** With whom a channel for two is made. */
export function partnerOf({ metadata, author }: ChannelMessage): PrincipalId | null {
  if (!isForTwo(metadata)) return null;
  const named = metadata['targetUserId'] ?? metadata['recipientId'];
  const partner = typeof named === 'string' ? canonicalUuid(named) : null;
  return partner === author ? null : partner;
}

export function isForTwo(metadata: ChannelMessage['metadata']): boolean {
  const { isDm, channelType, channel_type: type } = metadata as Readonly<Record<string, unknown>>;
  return (isDm !== undefined && isDm !== null && isDm !== false) || channelType === 'DM' || type === 'DM';
}

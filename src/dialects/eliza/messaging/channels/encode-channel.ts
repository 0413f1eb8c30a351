/** A conversation -> Channel (eliza.md §1). */
import type { ConversationRef } from '../../../../domain/event.ts';
import type { PrincipalId } from '../../../../domain/ids.ts';
import type { ConversationState } from '../../../../domain/state.ts';
import { formatMicros } from '../../../../domain/time.ts';
import { channelFactsOf, shownMetadata } from '../kept.ts';
import { serverOf } from './channel.ts';
import type { ChannelRow } from './wire.ts';

export type ShownChannel = Pick<
  ConversationState,
  'type' | 'name' | 'metadata' | 'entity' | 'createdAt' | 'changedAt'
>;

/**
 * Its metadata tells who takes part: the official client adds and removes people by what it finds there (eliza.md §6).
 */
export function encodeChannel(
  { conversation }: Pick<ConversationRef, 'conversation'>,
  shown: ShownChannel,
  participants: Iterable<PrincipalId>,
): ChannelRow {
  const { type, worldId: _, ...facts } = channelFactsOf(shown.metadata);
  return {
    id: conversation,
    messageServerId: serverOf(shown),
    name: shown.name ?? '',
    type: type ?? (shown.type === 'private' ? 'DM' : 'GROUP'),
    ...facts,
    metadata: { ...shownMetadata(shown.metadata), participantCentralUserIds: [...participants] },
    createdAt: formatMicros(shown.createdAt),
    updatedAt: formatMicros(shown.changedAt),
  };
}

/** The audience of a conversation begins with its first reader, and ends when nobody joined or stayed. */
import type { LoadedConversation } from '../../conversations/loaded-conversation.ts';
import { Audience, audienceOf } from '../audience.ts';
import type { DraftReader } from '../drafts/draft-reader.ts';

/** Makes the audience where there is none, and waits until its drafts are loaded. */
export async function ensureAudience(
  drafts: Pick<DraftReader, 'begin'>,
  conversation: LoadedConversation,
): Promise<void> {
  for (;;) {
    const audience = audienceOf(conversation) ?? beginAudience(drafts, conversation);
    await audience.draftsLoaded;
    if (audienceOf(conversation) === audience) return;
  }
}

function beginAudience(drafts: Pick<DraftReader, 'begin'>, conversation: LoadedConversation): Audience {
  // What was committed before anybody listened is waited for by nobody.
  conversation.delivered = conversation.state.position;
  const audience = new Audience(conversation.ref);
  conversation.followers = audience;
  drafts.begin(conversation, audience);
  return audience;
}

/** One that nobody joined in the end is taken down again. */
export function releaseAudience(conversation: LoadedConversation): void {
  const audience = audienceOf(conversation);
  if (audience === null || conversation.pins > 0 || !audience.isEmpty) return;
  audience.stopPulses();
  conversation.followers = null;
}

import type { Bus, LiveBus } from '../../../core/bus.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { MessageSearch } from '../../../ports/conversations/message-search.ts';
import type { People } from '../../../ports/conversations/people.ts';
import type { Personal } from '../../../ports/conversations/personal.ts';
import type { IdSource } from '../../../ports/id-source.ts';
import type { Directory } from '../../../ports/identity/identity-service.ts';
import type { Media } from '../../../ports/media.ts';
import type { PresenceBoard } from '../../../ports/presence-board.ts';
import type { MediaOf } from './encode-message.ts';
import type { MediaUrls } from './media/media-urls.ts';

/** What the chat part of Vero is made of. */
export interface ChatDeps {
  readonly bus: Bus;
  readonly personal: Personal;
  readonly directory: Directory;
  readonly people: People;
  readonly ids: Pick<IdSource, 'fromName'>;
  readonly search: MessageSearch;
  readonly presence: PresenceBoard;
  /** Tells the others of a conversation; who types by HTTP has stopped after 6 s, if it does not say so. */
  readonly typing: LiveBus['typing'];
  readonly clock: Clock;
  /** Answers when the projection holds what was stored before the call (false: it was waited for in vain). */
  readonly projectedNow: () => Promise<boolean>;
  readonly uploads: Media;
  readonly urls: MediaUrls;
  /** What is attached to a message, as its readers get it. */
  readonly media: MediaOf;
  /** For how long a message may be edited, in seconds; 0: for ever (PARLEY_EDIT_WINDOW_SEC). */
  readonly editWindowSec: number;
}

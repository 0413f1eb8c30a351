/** Puts the core together: the write trip, the fan-out trip and the readers over the given ports. */
import type { Clock } from '../ports/clock.ts';
import type { ConversationSurvey } from '../ports/conversations/conversation-survey.ts';
import type { DraftStore } from '../ports/draft-store.ts';
import type { IdSource } from '../ports/id-source.ts';
import type { TenantCaps } from '../ports/limits/tenant-limits.ts';
import type { LiveFeed } from '../ports/live-feed.ts';
import type { Log } from '../ports/log.ts';
import type { Logger } from '../ports/logger.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { NodeLink } from '../ports/node-link.ts';
import type { Fanout } from '../ports/outbox.ts';
import type { PresenceBoard } from '../ports/presence-board.ts';
import type { ProjectionReader } from '../ports/projection/projection-reader.ts';
import type { ReadCursors } from '../ports/projection/read-cursors.ts';
import type { UnreadCounts } from '../ports/projection/unread-counts.ts';
import type { InlineProjection } from '../ports/projection.ts';
import type { Tracing } from '../ports/tracing.ts';
import type { Bus } from './bus.ts';
import { openCatchUp } from './conversations/catch-up.ts';
import { ConversationCache } from './conversations/conversation-cache.ts';
import { openEffects } from './conversations/effects.ts';
import { openFactsReader } from './conversations/facts-reader.ts';
import { openHeadCheck } from './conversations/head-check.ts';
import { openReplay } from './conversations/replay.ts';
import { openForwarder } from './conversations/writing/forwarder.ts';
import { openWriter } from './conversations/writing/writer.ts';
import { openDispatch } from './dispatch.ts';
import { openBeginnings } from './live/beginnings.ts';
import { openDelivery } from './live/delivery.ts';
import { openDraftClosing } from './live/drafts/draft-closing.ts';
import { openDraftReader } from './live/drafts/draft-reader.ts';
import { openDraftWriter } from './live/drafts/draft-writer.ts';
import { openFollowing } from './live/following.ts';
import { openInboxes } from './live/inboxes.ts';
import type { LiveBus } from './live/live-bus.ts';
import { openMessageFinder } from './live/message-finder.ts';
import { openLiveBus } from './live/open-live-bus.ts';
import { openOpening } from './live/opening/opening.ts';
import { openPresence } from './live/pulses/presence.ts';
import { openPresenceNews, readersIn } from './live/pulses/presence-news.ts';
import { openPulseDelivery } from './live/pulses/pulse-delivery.ts';
import { openTyping } from './live/pulses/typing.ts';
import { openUpkeep } from './live/upkeep.ts';
import { openPresenceBoard } from './presence/presence-board.ts';
import { openCreations } from './reads/by-creation.ts';
import { openHistory } from './reads/history.ts';
import { openReadMarkers } from './reads/read-markers.ts';
import { openReads } from './reads/reads.ts';
import type { Sealing } from './sealing/sealing.ts';

export interface BusPorts {
  readonly log: Log;
  readonly live: LiveFeed;
  readonly drafts: DraftStore;
  readonly link: NodeLink;
  readonly reader: ProjectionReader;
  readonly projection: InlineProjection;
  readonly readCursors: ReadCursors;
  readonly survey: Pick<ConversationSurvey, 'byCreation'>;
  readonly unreadCounts: UnreadCounts;
  readonly fanout: Fanout;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Stands between the ports and everything here: phi and secret texts leave sealed and come in opened. */
  readonly sealing: Sealing;
  readonly caps: TenantCaps;
  readonly tracing: Tracing;
  /** PARLEY_DELTA_WINDOW_MS. */
  readonly deltaWindowMs: number;
}

export interface Core {
  readonly bus: Bus;
  readonly live: LiveBus;
  /** Who is online, on whichever node. */
  readonly people: PresenceBoard;
  /** Commands that wait for their turn, and the UTF-16 units of their texts. */
  readonly waiting: () => { readonly commands: number; readonly chars: number };
  close(): Promise<void>;
}

export function openBus(ports: BusPorts): Core {
  const { link, clock, ids, logger, metrics, fanout, tracing } = ports;
  const { log, live, reader, projection, drafts } = ports.sealing.around(ports);
  const { sealer } = ports.sealing;
  const catchUp = openCatchUp(log, clock);
  const cache = new ConversationCache({ log, live, reader, catchUp, size: metrics.conversationsCached });
  ports.sealing.onErased((tenant) => cache.forget(tenant));
  const drop = cache.drop.bind(cache);
  const headCheck = openHeadCheck(log, catchUp, drop);
  const facts = openFactsReader({ log, reader, drafts, ids });
  const replay = openReplay(log, reader);
  const draftWriter = openDraftWriter({
    store: drafts,
    headCheck,
    clock,
    windowMs: ports.deltaWindowMs,
  });
  const afterStore = openEffects({ log, live, projection, drafts: draftWriter, logger });
  const forwarder = openForwarder(link, clock, catchUp, metrics);
  const delivery = openDelivery({ catchUp, replay, fanout, clock, metrics, logger, tracing });
  cache.onLive = delivery.onLive;
  const writer = openWriter({
    log,
    live,
    clock,
    facts,
    headCheck,
    drop,
    catchUp,
    forwarder,
    metrics,
    logger,
    tracing,
    release: delivery.release,
    afterStore,
  });
  const pulses = openPulseDelivery();
  const draftReader = openDraftReader({ store: drafts, live, fanout, pulses, clock, metrics });
  const opening = openOpening({ log, cache, headCheck, replay, delivery, drafts: draftReader, clock });
  const inboxes = openInboxes(live);
  const following = openFollowing(inboxes, reader, opening);
  const typing = openTyping(live, clock);
  const news = openPresenceNews(live, readersIn(cache), clock);
  const presence = openPresence(news, link, reader, clock);
  const people = openPresenceBoard({ link, live, clock });
  const draftClosing = openDraftClosing(drafts, clock);
  const dispatch = openDispatch({
    cache,
    writer,
    forwarder,
    draftWriter,
    draftClosing,
    link,
    ids,
    sealer,
    caps: ports.caps,
    tracing,
  });
  const history = openHistory(reader, facts);
  const markers = openReadMarkers(ports.readCursors, ports.unreadCounts, live);
  const { survey, readCursors: cursors } = ports;
  const reads = openReads({
    ...{ cache, headCheck, history, facts, replay, reader, markers },
    creations: openCreations({ cache, survey, reader, cursors, sealer }),
    counts: ports.unreadCounts,
  });
  const upkeep = openUpkeep({ cache, log, live, delivery, clock, logger });
  return {
    bus: { ...dispatch, ...reads },
    live: openLiveBus({
      cache,
      opening,
      following,
      inboxes,
      beginnings: openBeginnings(live),
      typing,
      presence,
      reports: people.reports,
      messages: openMessageFinder(reader, clock),
      draftWriter,
      headCheck,
      delivery,
      feed: live,
      clock,
      metrics,
    }),
    people: people.board,
    waiting: () => ({ commands: writer.queued, chars: writer.queuedChars }),
    close() {
      people.close();
      ports.sealing.close();
      return upkeep.close();
    },
  };
}

/**
 * The fan-out trip: a committed event arrives from the live feed, is folded into the conversation,
 * and goes to its audience in position order without a gap. The feed may lose messages around a
 * reconnect; whatever is missing is taken from the tail or the log before anything newer is sent.
 */
import type { LogEntry } from '../../domain/event.ts';
import { standingOf } from '../../domain/permissions.ts';
import { isSampled } from '../../domain/trace-context.ts';
import type { LiveEntry } from '../../ports/live-feed.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { Fanout } from '../../ports/outbox.ts';
import type { Tracing } from '../../ports/tracing.ts';
import type { LoadedConversation } from '../conversations/loaded-conversation.ts';
import { type Audience, audienceOf } from './audience.ts';
import { endDrafts } from './drafts/draft-reader.ts';
import { type GapRepairDeps, openGapRepair } from './gap-repair.ts';
import type { Session } from './session.ts';

export interface Delivery {
  /** Takes one entry from the live feed. */
  onLive(conversation: LoadedConversation, live: LiveEntry): void;
  /** The append that held live entries back has ended: they are taken now. */
  release(conversation: LoadedConversation): void;
  /**
   * Hands out everything up to the present position, in this very turn if the tail has it, and says
   * whether it did; if not, a repair has begun.
   */
  deliverAll(conversation: LoadedConversation): boolean;
  /** Resolves after the attempt, or the pause, of the repair that is under way; at once when there is none. */
  repaired(conversation: LoadedConversation): Promise<void>;
  /** Ends a session's following of a conversation. */
  leave(conversation: LoadedConversation, session: Session): void;
}

interface Deps extends GapRepairDeps {
  readonly fanout: Fanout;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

export function openDelivery(deps: Deps): Delivery {
  const { fanout, metrics, tracing } = deps;
  const gaps = openGapRepair(deps, (conversation, entry) => send(conversation, entry, null));

  function onLive(conversation: LoadedConversation, live: LiveEntry): void {
    conversation.seen = Math.max(conversation.seen, live.position);
    if (isOwn(conversation, live)) {
      // The acknowledgement that is about to come brings the same event, already parsed.
      conversation.held.push(live);
      return;
    }
    if (conversation.held.length > 0) release(conversation);
    if (live.position > conversation.state.position) {
      if (live.position !== conversation.state.position + 1) return gaps.begin(conversation);
      conversation.apply(live.decode());
    }
    if (conversation.followers === null) {
      conversation.delivered = conversation.state.position;
      return;
    }
    if (conversation.isRepairing || live.position <= conversation.delivered) return;
    if (tracing.isOn) deliverTraced(conversation, live);
    else deliverUpTo(conversation, live.position, live);
  }

  /** One span for all sockets of this node; of what is recorded already alone. */
  function deliverTraced(conversation: LoadedConversation, live: LiveEntry): void {
    const { traceparent: parent, position } = live;
    const deliver = (): void => deliverUpTo(conversation, position, live);
    if (parent === null || !isSampled(parent)) return deliver();
    const { tenant, conversation: id } = conversation.ref;
    const readers = audienceOf(conversation)?.sessions.size ?? 0;
    const facts = { tenant, conversation: id, position, readers };
    tracing.run({ name: 'deliver', kind: 'consumer', parent, facts }, deliver);
  }

  function isOwn({ appending, held, state }: LoadedConversation, live: LiveEntry): boolean {
    if (appending.length === 0 || live.position !== state.position + held.length + 1) return false;
    const entry = appending[held.length];
    return entry !== undefined && entry.event.position === live.position && live.isEvent(entry.event.id);
  }

  function release(conversation: LoadedConversation): void {
    const { held } = conversation;
    if (held.length === 0) return;
    conversation.held = [];
    conversation.appending = [];
    for (const live of held) onLive(conversation, live);
  }

  /** Everything in (delivered, position]; the entry that just arrived brings its own bytes. */
  function deliverUpTo(conversation: LoadedConversation, position: number, live: LiveEntry | null): void {
    if (!conversation.tailCovers(conversation.delivered)) return gaps.begin(conversation);
    // Almost always exactly one entry, at or near the end of the tail.
    let index = conversation.tail.length;
    while (index > 0 && (conversation.tail[index - 1]?.event.position ?? 0) > conversation.delivered)
      index -= 1;
    for (; index < conversation.tail.length; index += 1) {
      const entry = conversation.tail[index];
      if (entry === undefined || entry.event.position > position) break;
      // Erased before we read it: its stub must be found first.
      if (entry.event.position !== conversation.delivered + 1) return gaps.begin(conversation);
      send(conversation, entry, live !== null && entry.event.position === live.position ? live.bytes : null);
    }
    conversation.delivered = Math.max(conversation.delivered, position);
  }

  function send(conversation: LoadedConversation, entry: LogEntry, bytes: Uint8Array | null): void {
    const audience = audienceOf(conversation);
    conversation.delivered = entry.event.position;
    if (audience === null) return;
    // The command that made this event may still stand in the queue; others behind it are about to follow.
    const isMoreComing = conversation.queue.length > 1;
    for (const group of audience.groups.values()) {
      const worded = group.wording.event(entry, bytes, conversation);
      if (worded === null) continue;
      if (typeof worded === 'string' || worded instanceof Uint8Array)
        fanout.publish(group.topic, worded, group.count, isMoreComing);
      else for (const frame of worded) fanout.publish(group.topic, frame, group.count, isMoreComing);
      metrics.deliveries.add(group.count);
    }
    endDrafts(audience, entry.event);
    if (entry.event.type === 'participant.removed' || entry.event.type === 'conversation.deleted') {
      dismiss(conversation, audience);
    }
  }

  /** After a removal: whoever may not read any more gets nothing after the event that says so. */
  function dismiss(conversation: LoadedConversation, audience: Audience): void {
    for (const session of [...audience.sessions]) {
      if (standingOf(conversation.state, session.principal, null) === null) leave(conversation, session);
    }
  }

  function leave(conversation: LoadedConversation, session: Session): void {
    session.opened.delete(conversation);
    const audience = audienceOf(conversation);
    if (audience === null) return;
    audience.remove(session);
    // Whoever is being brought up to date right now joins this very audience.
    if (!audience.isEmpty || conversation.pins > 0) return;
    audience.stopPulses();
    conversation.followers = null;
  }

  function deliverAll(conversation: LoadedConversation): boolean {
    if (conversation.followers === null) conversation.delivered = conversation.state.position;
    else deliverUpTo(conversation, conversation.state.position, null);
    return conversation.delivered >= conversation.state.position;
  }

  return { onLive, release, deliverAll, repaired: gaps.ended, leave };
}

/** Pulses go socket by socket: whoever reads slowly loses them first, long before it is closed. */
import { limits } from '../../../domain/limits.ts';
import type { Frame } from '../../../ports/outbox.ts';
import type { Audience } from '../audience.ts';
import type { ConversationView, PresencePulse, Pulse } from '../live-bus.ts';
import type { Session } from '../session.ts';

export interface PulseDelivery {
  /** Sends a pulse to the audience; its author's own sockets get only `read`, which keeps devices in step. */
  send(audience: Audience, pulse: Pulse, view: ConversationView): void;
}

export function openPulseDelivery(): PulseDelivery {
  /**
   * Who was told of the newest news. One is told in each conversation of its principal, within moments, and
   * a socket may follow many of them; nothing is kept in sockets, of which there are more than news.
   */
  const told = new Map<string, WeakSet<Session>>();

  function toldOf(news: string): WeakSet<Session> {
    const known = told.get(news);
    if (known !== undefined) return known;
    const fresh = new WeakSet<Session>();
    told.set(news, fresh);
    const oldest = told.size > limits.presenceNewsKeptMax ? told.keys().next().value : undefined;
    if (oldest !== undefined) told.delete(oldest);
    return fresh;
  }

  /** To participants alone: an observer shares no conversation with anybody. */
  function sendPresence(audience: Audience, pulse: PresencePulse, view: ConversationView): void {
    const frames = framesOf(audience, (wording) => wording.presence?.(pulse, view) ?? null);
    if (frames.size === 0) return;
    const already = toldOf(pulse.news);
    for (const session of audience.sessions) {
      const { principal } = session;
      if (principal.id === pulse.from || already.has(session)) continue;
      const frame = frames.get(audience.wordingOf(session).dialect);
      if (frame === undefined || !view.state.participants.has(principal.id)) continue;
      if (sendVolatile(session, frame)) already.add(session);
    }
  }

  return {
    send(audience, pulse, view) {
      if (pulse.kind === 'presence') sendPresence(audience, pulse, view);
      const isForAuthor = pulse.kind === 'read' || (pulse.kind === 'presence' && pulse.echo === true);
      const frames = framesOf(audience, (wording) => wording.pulse(pulse, view));
      for (const session of audience.sessions) {
        if (!isForAuthor && session.principal.id === pulse.from) continue;
        const frame = frames.get(audience.wordingOf(session).dialect);
        if (frame !== undefined) sendVolatile(session, frame);
      }
    },
  };
}

/** The frame of each dialect that has something to say. */
function framesOf(
  audience: Audience,
  word: (wording: Session['wording']) => Frame | null,
): ReadonlyMap<string, Frame> {
  const frames = new Map<string, Frame>();
  for (const { wording } of audience.groups.values()) {
    const frame = word(wording);
    if (frame !== null) frames.set(wording.dialect, frame);
  }
  return frames;
}

function sendVolatile({ outbox }: Session, frame: Frame): boolean {
  return outbox.bufferedBytes <= limits.outboxPulseBytesMax && outbox.send(frame);
}

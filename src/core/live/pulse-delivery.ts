/** Pulses go socket by socket: whoever reads slowly loses them first, long before it is closed. */
import { limits } from '../../domain/limits.ts';
import type { Frame } from '../../ports/outbox.ts';
import type { Audience } from './audience.ts';
import type { Pulse } from './live-bus.ts';

/** Sends a pulse to the audience; its author's own sockets get only `read`, which keeps devices in step. */
export function sendPulse(audience: Audience, pulse: Pulse): void {
  const frames = new Map<string, Frame | null>();
  for (const group of audience.groups.values()) frames.set(group.wording.dialect, group.wording.pulse(pulse));
  for (const session of audience.sessions) {
    if (pulse.kind !== 'read' && session.principal.id === pulse.from) continue;
    const frame = frames.get(session.wording.dialect) ?? null;
    if (frame === null || session.outbox.bufferedBytes > limits.outboxPulseBytesMax) continue;
    session.outbox.send(frame);
  }
}

/** ping: the time, on a socket and over NATS. */
import { Type } from '@sinclair/typebox';
import { type Frame, frame } from '../../contract/sockets/frame.ts';
import type { Clock } from '../../ports/clock.ts';
import { Ping } from './wire.ts';

export function pingFrame<Sender>(clockOf: (sender: Sender) => Clock): Frame<Sender> {
  return frame(
    {
      op: 'ping',
      rate: 'read',
      summary: 'Answers the time.',
      schema: Ping,
      reply: Type.Object({ at: Type.String({ format: 'date-time' }) }),
    },
    (sender: Sender) => ({ at: new Date(clockOf(sender).nowMicros() / 1000).toISOString() }),
  );
}

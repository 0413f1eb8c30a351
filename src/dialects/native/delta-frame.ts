/** The one frame that writes and is not answered: a piece of a streamed message. */
import { type Frame, frame } from '../../contract/sockets/frame.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { NativeConnection } from './connection.ts';
import { isOver, normalId } from './decode.ts';
import { DeltaFrame } from './wire.ts';

export const deltaFrame: Frame<NativeConnection> = frame(
  {
    op: 'delta',
    rate: 'delta',
    summary: 'A piece of a message that is being written; only a problem is answered.',
    schema: DeltaFrame,
    reply: null,
  },
  (connection: NativeConnection, fields, id) => {
    if (isOver(fields.text, limits.deltaBytesMax)) return new Problem('too_large');
    // A class that nobody named stays open, as later deltas may leave it out.
    const said = connection.context.dataClass;
    const dataClass = fields.data_class ?? (said === 'none' ? undefined : said);
    const delta = {
      conversation: normalId(fields.conversation),
      messageId: normalId(fields.message_id),
      run: fields.run,
      index: fields.index,
      text: fields.text,
      ...(dataClass === undefined ? {} : { dataClass }),
    };
    // Also what is refused later names the frame that it is about, where that has an id.
    return connection.world.live.delta(connection.session, delta, (problem) =>
      connection.answer(id, problem),
    );
  },
);

/** Listens to a model until it has said everything, or somebody says stop; it may be slow, silent or endless. */
import { limits } from '../../../domain/limits.ts';
import { Problem } from '../../../domain/problem.ts';
import type { Model, ModelRequest } from '../../../ports/agents/model.ts';
import type { Clock } from '../../../ports/clock.ts';

export interface Listening {
  readonly model: Model;
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, 'after'>;
  /** Is waited for before the next piece is asked for. */
  readonly onPiece: (piece: string) => Promise<void>;
}

/**
 * The whole text; `unavailable` when the model failed, took longer than limits.agentRunMsMax,
 * was silent for too long (reason `timed_out`) or said nothing (`said_nothing`).
 * Null when `signal` ended it: at once, whatever the model does.
 */
export async function heardAnswer(listening: Listening): Promise<string | null | Problem> {
  const { signal, clock } = listening;
  if (signal.aborted) return null;
  const own = new AbortController();
  const stop = (): void => own.abort();
  signal.addEventListener('abort', stop);
  const cancel = clock.after(limits.agentRunMsMax, stop);
  try {
    const text = await listen(listening, own.signal, stop);
    if (signal.aborted) return null;
    if (text !== null) return text;
    return new Problem('unavailable', 'The model took too long.', { reason: 'timed_out' });
  } finally {
    cancel();
    own.abort();
    signal.removeEventListener('abort', stop);
  }
}

async function listen(
  listening: Listening,
  signal: AbortSignal,
  stop: () => void,
): Promise<string | null | Problem> {
  const pieces = listening.model.answer(listening.request, signal)[Symbol.asyncIterator]();
  const stopped = aborted(signal);
  let text = '';
  let held = '';
  let hasBegun = false;
  for (;;) {
    const silentMs = hasBegun ? limits.modelPieceMsMax : limits.modelFirstPieceMsMax;
    const cancel = listening.clock.after(silentMs, stop);
    const next = await Promise.race([pieces.next(), stopped]);
    cancel();
    hasBegun = true;
    if (next === null) {
      // A model that hangs is not waited for.
      void pieces.return?.().catch(() => undefined);
      return null;
    }
    if (next.done === true) break;
    if (next.value instanceof Problem) return next.value;
    const piece = held + next.value;
    held = endsInHalf(piece) ? piece.slice(-1) : '';
    const whole = storable(held === '' ? piece : piece.slice(0, -1));
    const room = limits.agentAnswerCharsMax - text.length;
    const said = whole.slice(0, room);
    if (said !== '') {
      text += said;
      await listening.onPiece(said);
    }
    if (whole.length >= room) {
      void pieces.return?.().catch(() => undefined);
      break;
    }
  }
  const answer = endsInHalf(text) ? text.slice(0, -1) : text;
  return answer.trim() === ''
    ? new Problem('unavailable', 'The model said nothing.', { reason: 'said_nothing' })
    : answer;
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}

const loneHalf = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Texts hold no U+0000, and no half of a character. */
function storable(piece: string): string {
  return piece.replaceAll('\u0000', '').replace(loneHalf, '\ufffd');
}

/** A character of two units may be cut between two pieces. */
function endsInHalf(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}

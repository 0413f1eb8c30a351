/** Server-sent events, as far as chat completions use them: lines that begin with `data:`. */
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';

/**
 * What stands behind `data:` in each line, as it comes. Yields a Problem and ends when a line, or all of them
 * together, are larger than what is accepted; rejects when the connection breaks.
 */
export async function* dataLines(body: AsyncIterable<Uint8Array>): AsyncGenerator<string | Problem> {
  const decoder = new TextDecoder();
  let rest = '';
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > limits.modelAnswerBytesMax) return yield tooLarge();
    const lines = `${rest}${decoder.decode(piece, { stream: true })}`.split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    if (rest.length > limits.modelLineCharsMax) return yield tooLarge();
    for (const line of lines) if (line.startsWith('data:')) yield line.slice(5).trim();
  }
  if (rest.startsWith('data:')) yield rest.slice(5).trim();
}

function tooLarge(): Problem {
  return new Problem('unavailable', 'The model says more than what is accepted.');
}

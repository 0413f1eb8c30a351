import { bounds } from '../bounds.ts';

const encoder = new TextEncoder();

/** The text of a streamed message, in the pieces in which it is sent. */
export class PieceBuffer {
  /** By index. They stay as they are: a piece that is sent again is the same piece. */
  readonly pieces: string[] = [];
  #waiting = '';
  #chars = 0;

  /** False when it would be more than a draft may have. */
  add(text: string): boolean {
    if (this.#chars + text.length > bounds.draftCharsMax) return false;
    this.#chars += text.length;
    this.#waiting += text;
    return true;
  }

  get text(): string {
    return this.pieces.join('') + this.#waiting;
  }

  /** Makes pieces of what waits. Half of a surrogate pair waits for its other half: alone it would be no text. */
  cut(): void {
    let rest = this.#waiting;
    const last = rest.charCodeAt(rest.length - 1);
    const half = last >= 0xd800 && last <= 0xdbff ? rest.slice(-1) : '';
    if (half !== '') rest = rest.slice(0, -1);
    while (rest !== '') {
      const { read } = encoder.encodeInto(rest, new Uint8Array(bounds.deltaBytesMax));
      this.pieces.push(rest.slice(0, read));
      rest = rest.slice(read);
    }
    this.#waiting = half;
  }
}

/** What posters were told is stored, to be held against what is read back. Texts are those of stampedText(). */
import { isStamped, numberOf } from './stamped-text.ts';

export class AcknowledgedTexts {
  readonly #numbers = new Set<number>();

  get count(): number {
    return this.#numbers.size;
  }

  acknowledged(text: string): void {
    this.#numbers.add(numberOf(text));
  }

  /** Throws unless `texts` are those that were acknowledged, each once and unaltered, and nothing else. */
  expect(what: string, texts: readonly string[]): void {
    const found = new Set<number>();
    for (const text of texts) {
      const number = numberOf(text);
      if (!isStamped(text)) throw new Error(`${what}: a message has another text: ${text.slice(0, 200)}`);
      if (found.has(number)) throw new Error(`${what}: message ${number} twice`);
      if (!this.#numbers.has(number)) throw new Error(`${what}: message ${number} was not acknowledged`);
      found.add(number);
    }
    if (found.size !== this.#numbers.size) {
      throw new Error(`${what}: ${found.size} messages, ${this.#numbers.size} were acknowledged`);
    }
  }
}

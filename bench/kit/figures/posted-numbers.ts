/** What the posters of some conversations were answered, to be held against what others got. */
import { isStamped, numberOf } from './stamped-text.ts';

export class PostedNumbers {
  /** By conversation: the number of the message with sequence index + 1. */
  readonly #numbers: ReadonlyMap<string, number[]>;
  total = 0;

  constructor(conversations: readonly string[]) {
    this.#numbers = new Map(conversations.map((id) => [id, []]));
  }

  /** The answer to a post: searched, not parsed. */
  created(conversation: string, sentBody: string, answer: string): void {
    const sequence = Number(/"sequence":(\d+)/.exec(answer)?.[1]);
    const content = contentOf(sentBody);
    if (contentOf(answer) !== content) throw new Error(`sequence ${sequence} was answered with another text`);
    const numbers = this.#numbers.get(conversation);
    if (numbers === undefined || numbers[sequence - 1] !== undefined)
      throw new Error(`sequence ${sequence} twice`);
    numbers[sequence - 1] = numberOf(content);
    this.total += 1;
  }

  /** How many each conversation has. */
  counts(): ReadonlyMap<string, number> {
    return new Map([...this.#numbers].map(([id, numbers]) => [id, numbers.length]));
  }

  /** Throws unless these are the numbers of the conversation, each once and in the order of its sequence. */
  expect(conversation: string, what: string, numbers: readonly number[]): void {
    const posted = this.#numbers.get(conversation) ?? [];
    const at = posted.findIndex((number, index) => number === undefined || number !== numbers[index]);
    if (at !== -1) throw new Error(`${what}: another message than was acknowledged as sequence ${at + 1}`);
    if (numbers.length !== posted.length) {
      throw new Error(`${what}: ${numbers.length} messages, ${posted.length} were acknowledged`);
    }
  }

  /** The same for texts that were read back. */
  expectTexts(conversation: string, what: string, texts: readonly string[]): void {
    const altered = texts.findIndex((text) => !isStamped(text));
    if (altered !== -1) throw new Error(`${what}: message ${altered + 1} has another text`);
    this.expect(conversation, what, texts.map(numberOf));
  }
}

/** The texts of these benches need no escapes. */
function contentOf(json: string): string {
  const from = json.indexOf('"content":"') + 11;
  return json.slice(from, json.indexOf('"', from));
}

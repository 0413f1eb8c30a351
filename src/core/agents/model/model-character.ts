/** What of a character a model is told: texts alone, in the order of what matters, up to a bound. Pure. */
import { limits } from '../../../domain/limits.ts';
import type { CharacterFields } from '../../../ports/agents/agents.ts';
import type { ModelCharacter } from '../../../ports/agents/model.ts';

export function modelCharacter(character: CharacterFields): ModelCharacter {
  const room = new Room(limits.modelCharacterCharsMax);
  const style = objectOf(character['style']);
  const system = room.texts(textsOf(character['system']));
  return {
    system: system[0] ?? null,
    bio: room.texts(textsOf(character['bio'])),
    style: room.texts([...textsOf(style['all']), ...textsOf(style['chat'])]),
    topics: room.texts(textsOf(character['topics'])),
    adjectives: room.texts(textsOf(character['adjectives'])),
    examples: examplesOf(character['messageExamples'], room),
    temperature: temperatureOf(objectOf(character['settings'])),
  };
}

/** What is left of the bound. */
class Room {
  #chars: number;

  constructor(chars: number) {
    this.#chars = chars;
  }

  /** Those that have room as a whole; the first one may be cut. */
  texts(texts: readonly string[]): readonly string[] {
    const kept: string[] = [];
    for (const text of texts) {
      if (text.trim() === '' || (text.length > this.#chars && kept.length > 0)) continue;
      const cut = text.slice(0, this.#chars);
      if (cut === '') break;
      this.#chars -= cut.length;
      kept.push(cut);
    }
    return kept;
  }

  takes(chars: number): boolean {
    if (chars > this.#chars) return false;
    this.#chars -= chars;
    return true;
  }
}

function examplesOf(value: unknown, room: Room): ModelCharacter['examples'] {
  if (!Array.isArray(value)) return [];
  const examples: { readonly name: string; readonly text: string }[][] = [];
  for (const example of value.slice(0, limits.modelExamplesMax)) {
    const lines = linesOf(example);
    const chars = lines.reduce((sum, { name, text }) => sum + name.length + text.length, 0);
    if (lines.length > 0 && room.takes(chars)) examples.push(lines);
  }
  return examples;
}

/** `{{user1}}` stands for somebody. */
function linesOf(example: unknown): { name: string; text: string }[] {
  if (!Array.isArray(example)) return [];
  return example.flatMap((line) => {
    const { name, user, content } = objectOf(line);
    const { text } = objectOf(content);
    const who = typeof name === 'string' ? name : user;
    if (typeof who !== 'string' || typeof text !== 'string' || text === '') return [];
    return [{ name: /^\{\{.*\}\}$/.test(who) ? 'Somebody' : who, text }];
  });
}

function temperatureOf(settings: Readonly<Record<string, unknown>>): number | null {
  const given = Number(
    settings['temperature'] ?? objectOf(settings['modelConfig'])['temperature'] ?? Number.NaN,
  );
  return Number.isFinite(given) && given >= 0 && given <= 2 ? given : null;
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

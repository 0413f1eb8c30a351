/** Characters as they come in: what is checked, what is dropped, and how a change is put over a former one. Pure. */
import { limits } from '../../../domain/limits.ts';
import { type FieldError, Problem } from '../../../domain/problem.ts';
import type { CharacterFields } from '../../../ports/agents/agents.ts';

/** The character without its secrets; `invalid_request` with the fields, `too_large`. */
export function checkedCharacter(character: CharacterFields): CharacterFields | Problem {
  const kept = withoutSecrets(character);
  if (isDeeperThan(kept, limits.jsonDepthMax))
    return new Problem('invalid_request', 'The character is nested too deeply.');
  if (new TextEncoder().encode(JSON.stringify(kept)).length > limits.characterBytesMax) {
    const fields = [{ path: 'character', reason: 'too_large', limit: limits.characterBytesMax }];
    return new Problem('too_large', `A character has at most ${limits.characterBytesMax} bytes.`, { fields });
  }
  const fields = faultsOf(kept);
  if (fields.length === 0) return kept;
  return new Problem('invalid_request', `The field ${fields[0]?.path} is not valid.`, { fields });
}

/** Null removes a field; settings are changed one by one. */
export function changedCharacter(former: CharacterFields, changes: CharacterFields): CharacterFields {
  const { settings, ...rest } = changes;
  const whole = over(former, rest);
  if (settings === undefined) return whole;
  if (!isObject(settings)) return over(whole, { settings });
  const known = isObject(former['settings']) ? former['settings'] : {};
  return { ...whole, settings: over(known, settings) };
}

export function nameOf(character: CharacterFields): string {
  const { name } = character;
  return typeof name === 'string' ? name.trim() : '';
}

/** Its lines, cut to what the people of a tenant see of an agent; null: it says nothing of itself. */
export function bioOf(character: CharacterFields): string | null {
  const text = linesOf(character['bio']).join('\n').trim();
  return text === '' ? null : [...text].slice(0, limits.agentBioPointsMax).join('');
}

/** A text, or texts. */
export function linesOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((line) => typeof line === 'string') : [];
}

const secretName = /(api_?key|secret|token|password|passwd|private_?key|credential|(^|_)key$)/i;

function withoutSecrets(character: CharacterFields): CharacterFields {
  const { secrets: _, ...rest } = character;
  if (!isObject(rest['settings'])) return rest;
  const settings = Object.entries(rest['settings']).filter(([name]) => !secretName.test(name));
  return { ...rest, settings: Object.fromEntries(settings) };
}

function faultsOf(character: CharacterFields): readonly FieldError[] {
  const name = nameOf(character);
  const faults: FieldError[] = [];
  if (name === '') faults.push({ path: 'name', reason: 'required' });
  else if ([...name].length > limits.displayNamePointsMax)
    faults.push({ path: 'name', reason: 'too_long', limit: limits.displayNamePointsMax });
  const isText = (value: unknown): boolean => typeof value === 'string';
  const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
  const expected: Readonly<Record<string, (value: unknown) => boolean>> = {
    username: isText,
    system: isText,
    bio: (value) => isText(value) || areTexts(value),
    topics: areTexts,
    adjectives: areTexts,
    postExamples: areTexts,
    messageExamples: Array.isArray,
    plugins: areTexts,
    style: isObject,
    settings: isObject,
  };
  for (const [path, isRight] of Object.entries(expected)) {
    const value = character[path];
    if (value !== undefined && value !== null && !isRight(value)) faults.push({ path, reason: 'type' });
  }
  return faults.slice(0, limits.fieldErrorsMax);
}

function over(former: CharacterFields, changes: CharacterFields): CharacterFields {
  const merged = { ...former, ...changes };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((one) => isDeeperThan(one, levels - 1));
}

/**
 * The built-in model: no network, no weights. It holds the dialogue of ELIZA (Weizenbaum 1966): it looks for
 * keywords, turns around what was said and asks back. The same conversation gets the same answer, on every node.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { limits } from '../../domain/limits.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Model, ModelAgent, ModelMessage, ModelRequest } from '../../ports/agents/model.ts';
import { reflect } from './reflections.ts';
import { fallbacks, memories, type Rule, rules } from './rules.ts';

interface ResponderOptions {
  /** Milliseconds between two words; 0: all at once. */
  readonly paceMs?: number;
}

export function openResponder({ paceMs = 0 }: ResponderOptions = {}): Model {
  return {
    name: 'responder',
    isScripted: true,
    answer: (request, signal) => inWords(respond(request), paceMs, signal),
  };
}

async function* inWords(text: string, paceMs: number, signal: AbortSignal): AsyncGenerator<string | Problem> {
  for (const word of text.match(/\S+\s*/gu) ?? []) {
    if (signal.aborted) return;
    yield word;
    // Aborted, it rejects at once: then this ends before the next word.
    if (paceMs > 0) await delay(paceMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Never empty, and not what the agent said last, as long as there is something else to say. */
export function respond({ agent, messages }: Pick<ModelRequest, 'agent' | 'messages'>): string {
  const said = plain(messages.at(-1)?.text ?? '', agent);
  const own = messages.filter(({ role }) => role === 'self');
  const found = bestRule(said);
  const memory = memoryOf(messages, agent);
  const others = memory !== null && own.length % 3 === 2 ? memories : fallbacks;
  const answers = found?.rule.answers ?? others;
  const texts = answers.map((answer) => fill(answer, agent, found?.caught ?? memory ?? 'that'));
  return inTurn(texts, own, said).slice(0, limits.responderCharsMax);
}

/** In lower case and on one line; to whom it was said is not part of it. */
function plain(text: string, agent: ModelAgent): string {
  const line = text.slice(0, limits.responderCharsMax).replaceAll('’', "'").replace(/\s+/gu, ' ');
  return line.toLowerCase().replaceAll(`@${agent.displayName.toLowerCase()}`, ' ').trim();
}

function bestRule(said: string): { readonly rule: Rule; readonly caught: string | null } | null {
  let best: { readonly rule: Rule; readonly caught: string | null } | null = null;
  for (const rule of rules) {
    if (best !== null && rule.rank <= best.rule.rank) continue;
    const match = rule.pattern.exec(said);
    if (match !== null) best = { rule, caught: caughtBy(match) };
  }
  return best;
}

/** Up to the end of its clause, turned around. */
function caughtBy(match: RegExpExecArray): string | null {
  const caught = match.slice(1).find((part) => part !== undefined && part !== '');
  if (caught === undefined) return null;
  const clause = caught.split(/[.!?;:,]|\bbut\b/u)[0]?.trim() ?? '';
  return clause === '' ? null : reflect(clause);
}

/** The last thing that was called `my …` before the message that is answered. */
function memoryOf(messages: readonly ModelMessage[], agent: ModelAgent): string | null {
  for (const { role, text } of messages.slice(0, -1).toReversed()) {
    const match = role === 'other' ? /\bmy (.+)/u.exec(plain(text, agent)) : null;
    const caught = match === null ? null : caughtBy(match);
    if (caught !== null) return caught;
  }
  return null;
}

/** Where it begins follows from what was said, and how often the agent has spoken. */
function inTurn(texts: readonly string[], own: readonly ModelMessage[], said: string): string {
  let start = own.length;
  for (let index = 0; index < said.length; index += 1) start = (start * 31 + said.charCodeAt(index)) >>> 0;
  const rotated = texts.map((_, index) => texts[(start + index) % texts.length] ?? '');
  const last = own.at(-1)?.text;
  return rotated.find((text) => text !== last) ?? rotated[0] ?? 'Please go on.';
}

function fill(template: string, agent: ModelAgent, caught: string): string {
  const bio = agent.bio?.split('\n')[0] ?? agent.jobTitle ?? 'I am here to talk with you.';
  const values: Readonly<Record<string, string>> = { '1': caught, name: agent.displayName, bio };
  return template.replace(/\{(\w+)\}/gu, (_, key: string) => values[key] ?? '').trim();
}

/** A conversation in the words of chat completions. */
import type { ModelCharacter, ModelMessage, ModelRequest } from '../../ports/agents/model.ts';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export function promptOf(request: ModelRequest): readonly ChatMessage[] {
  const { messages, type } = request;
  return [
    { role: 'system', content: introduction(request) },
    ...messages.map((message) => chatMessage(message, type === 'group')),
  ];
}

function introduction({ agent, type }: ModelRequest): string {
  const { displayName, jobTitle, bio, character } = agent;
  const place =
    type === 'group' ? 'a group conversation: each message begins with its author' : 'a conversation';
  const own = character?.bio ?? [];
  const first = [
    character?.system ?? `You are ${displayName}${jobTitle === null ? '' : `, ${jobTitle}`}.`,
    ...(own.length > 0 ? own : bio === null ? [] : [bio]),
    `You take part in ${place}. Answer the last message, in its language, without your name in front.`,
  ].join(' ');
  return [first, ...(character === null ? [] : ways(character, displayName))].join('\n\n');
}

function ways({ adjectives, topics, style, examples }: ModelCharacter, name: string): readonly string[] {
  const said = examples.map((one) => one.map((line) => `${line.name}: ${line.text}`).join('\n'));
  return [
    ...(adjectives.length === 0 ? [] : [`${name} is ${adjectives.join(', ')}.`]),
    ...(topics.length === 0 ? [] : [`${name} knows about: ${topics.join(', ')}.`]),
    ...(style.length === 0 ? [] : [`How ${name} writes:\n${style.map((line) => `- ${line}`).join('\n')}`]),
    ...(said.length === 0 ? [] : [`Conversations as ${name} holds them:\n\n${said.join('\n\n')}`]),
  ];
}

/** In a group it must be clear who said what; of two people it is. */
/** Some endpoints refuse a message without text. */
const wordless = '(a message without words)';

function chatMessage({ role, name, text: said }: ModelMessage, isOfMany: boolean): ChatMessage {
  const text = said.trim() === '' ? wordless : said;
  if (role === 'self') return { role: 'assistant', content: text };
  return { role: 'user', content: isOfMany ? `${name}: ${text}` : text };
}

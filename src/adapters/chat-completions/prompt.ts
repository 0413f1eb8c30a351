/** A conversation in the words of chat completions. */
import type { ModelMessage, ModelRequest } from '../../ports/model.ts';

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
  const { displayName, jobTitle, bio } = agent;
  const place =
    type === 'group' ? 'a group conversation: each message begins with its author' : 'a conversation';
  return [
    `You are ${displayName}${jobTitle === null ? '' : `, ${jobTitle}`}.`,
    ...(bio === null ? [] : [bio]),
    `You take part in ${place}. Answer the last message, in its language, without your name in front.`,
  ].join(' ');
}

/** In a group it must be clear who said what; of two people it is. */
/** Some endpoints refuse a message without text. */
const wordless = '(a message without words)';

function chatMessage({ role, name, text: said }: ModelMessage, isOfMany: boolean): ChatMessage {
  const text = said.trim() === '' ? wordless : said;
  if (role === 'self') return { role: 'assistant', content: text };
  return { role: 'user', content: isOfMany ? `${name}: ${text}` : text };
}

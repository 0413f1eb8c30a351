/** Titles: a language model is asked for one, the built-in responder knows only what was said first. */

import { overloaded } from '../../domain/limiting/overload.ts';
import { limits } from '../../domain/limits.ts';
import { Problem } from '../../domain/problem.ts';
import type { ChatTitles, TitleRequest } from '../../ports/agents/chat-titles.ts';
import type { Model, ModelMessage } from '../../ports/agents/model.ts';
import type { Clock } from '../../ports/clock.ts';

const instruction = `Give this conversation a short, descriptive title of 3 to 6 words about its main topic, such as
"Weekend Trip Planning" or "Database Design Discussion". Answer with the title alone.`;
const wordsMax = 6;

export function openChatTitles(model: Model, clock: Pick<Clock, 'after'>): ChatTitles {
  let inFlight = 0;

  async function ask(request: TitleRequest): Promise<string | Problem> {
    const asking = new AbortController();
    const cancel = clock.after(limits.titleMsMax, () => asking.abort());
    const said = request.messages.map(({ name, text }) => `${name}: ${text}`).join('\n');
    const text = `${instruction}\n\n${said.slice(-limits.agentHistoryCharsMax)}`;
    const messages = [{ role: 'other', name: 'Editor', text }] as const;
    let title = '';
    try {
      for await (const piece of model.answer({ ...request, messages }, asking.signal)) {
        if (piece instanceof Problem) return new Problem('unavailable', 'The model made no title.');
        title += piece;
        if (title.length > limits.agentAnswerCharsMax) break;
      }
    } finally {
      cancel();
    }
    const clean = cleaned(title);
    return asking.signal.aborted || clean === ''
      ? new Problem('unavailable', 'The model made no title.')
      : clean;
  }

  return {
    async titleOf(request) {
      if (model.isScripted === true) return titleOfWords(request.messages);
      if (inFlight >= limits.titlesInFlightMax) return overloaded('chat_titles');
      inFlight += 1;
      return await ask(request).finally(() => {
        inFlight -= 1;
      });
    },
  };
}

/** One line, without the quotes that models like to put around it. */
function cleaned(text: string): string {
  const [line = ''] = text.trim().split('\n');
  return line
    .replace(/^["'“]+|["'”.]+$/gu, '')
    .trim()
    .slice(0, limits.titleCharsMax);
}

/** The first words of the first message that has any, of somebody else than the agent where there is one. */
function titleOfWords(messages: readonly ModelMessage[]): string {
  const ofOthers = messages.filter(({ role }) => role === 'other');
  for (const { text } of [...ofOthers, ...messages]) {
    const words = text.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu) ?? [];
    const title = words.slice(0, wordsMax).join(' ').slice(0, limits.titleCharsMax);
    if (title !== '') return title.charAt(0).toUpperCase() + title.slice(1);
  }
  return 'Conversation';
}

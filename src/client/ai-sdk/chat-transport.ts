/**
 * `useChat({ transport })` of the Vercel AI SDK over a conversation of Parley: a chat is a conversation, what the
 * user sends is a post, and what an agent answers is streamed from its draft. So an answer survives reloads, nodes
 * and networks, others see it, too, and stop() stops the agent and not only the reading.
 */
import type { ChatTransport, UIMessage, UIMessageChunk } from 'ai';
import type { ParleyClient } from '../client.ts';
import type { Conversation } from '../conversation.ts';
import { isDisconnected, ParleyProblem } from '../problem.ts';
import type { NewMessage } from '../wire.ts';
import { AnswerStream, type ChatFeed, type Question } from './answer-stream.ts';
import { textOf, toUiMessages } from './ui-messages.ts';

export interface ParleyChatOptions {
  /** Connected, or about to be: `connect({ url, token })`. */
  readonly client: ParleyClient | Promise<ParleyClient>;
  /** The conversation of a chat; default: the chat's id is the conversation's. Make one here for a new chat. */
  readonly conversation?: (chatId: string) => string | Promise<string>;
  /** The agent that is to answer, of several: what is posted is `to` it, and others are not listened to. */
  readonly agent?: string;
  /** What stop() does to the agent's run; `leave`: nothing, it goes on for others. Default `cancel`. */
  readonly onStop?: 'cancel' | 'preempt' | 'leave';
  /** Told when a stop was refused (it takes the scope to interrupt, or an owner or admin of the conversation). */
  readonly onProblem?: (problem: ParleyProblem) => void;
}

type Send = Parameters<ChatTransport<UIMessage>['sendMessages']>[0];
type Reconnect = Parameters<ChatTransport<UIMessage>['reconnectToStream']>[0];

export class ParleyChatTransport<Message extends UIMessage = UIMessage> implements ChatTransport<Message> {
  /** Whoever comes back gets the text from its beginning. */
  readonly resumeStreamIsReplay = true;
  readonly #options: ParleyChatOptions;

  constructor(options: ParleyChatOptions) {
    this.#options = options;
  }

  /**
   * Posts the last message of the user, once, and streams what is answered. To regenerate, its text is posted again:
   * nothing that was said is taken back. Rejects with the ParleyProblem of a refused post.
   */
  async sendMessages({
    chatId,
    messages,
    messageId,
    trigger,
    abortSignal,
    metadata,
  }: Send): Promise<ReadableStream<UIMessageChunk>> {
    const last = messages.findLast(({ role }) => role === 'user');
    if (last === undefined)
      throw new ParleyProblem('invalid_request', 'There is no message of the user to send.');
    const { conversation, self } = await this.#conversation(chatId);
    const feed = conversation.events({ deltas: true, pulses: true });
    try {
      await feed.ready;
      const isAgain = trigger === 'regenerate-message';
      const { agent } = this.#options;
      const posted = await conversation.post(
        {
          content: textOf(last),
          ...(isAgain ? {} : { client_id: `ui:${last.id}`.slice(0, 128) }),
          ...(agent === undefined ? {} : { to: [agent] }),
          metadata: metadataOf(
            metadata,
            isAgain ? { regenerates: messageId ?? null } : { ui_message_id: last.id },
          ),
        },
        abortSignal === undefined ? {} : { signal: abortSignal },
      );
      return this.#answer(
        conversation,
        feed,
        { self, after: posted.position, isAsked: posted.duplicate, draft: null },
        abortSignal,
      );
    } catch (error) {
      void feed.return();
      throw error;
    }
  }

  /** The answer that is being written now, from its beginning; null when there is none. */
  async reconnectToStream({
    chatId,
    abortSignal,
  }: Reconnect): Promise<ReadableStream<UIMessageChunk> | null> {
    const { conversation, self } = await this.#conversation(chatId);
    const feed = conversation.events({ deltas: true, pulses: true });
    try {
      await feed.ready;
      const { drafts } = await conversation.state();
      const draft = drafts.at(-1);
      if (draft !== undefined)
        return this.#answer(
          conversation,
          feed,
          { self, after: 0, isAsked: true, draft: draft.message_id },
          abortSignal,
        );
    } catch (error) {
      void feed.return();
      throw error;
    }
    void feed.return();
    return null;
  }

  /** What was said so far, for `useChat({ id, messages, resume: true, transport })`. */
  async messages(chatId: string, { limit = 100 } = {}): Promise<UIMessage[]> {
    const { conversation } = await this.#conversation(chatId);
    const page = await conversation.page({ limit: Math.min(Math.max(1, limit), 200) });
    return toUiMessages(page.events);
  }

  async #conversation(
    chatId: string,
  ): Promise<{ readonly conversation: Conversation; readonly self: string }> {
    const client = await this.#options.client;
    const id = (await this.#options.conversation?.(chatId)) ?? chatId;
    return { conversation: client.conversation(id), self: client.principal.id };
  }

  #answer(
    conversation: Conversation,
    feed: ChatFeed,
    question: Omit<Question, 'agent'>,
    signal: AbortSignal | undefined,
  ): ReadableStream<UIMessageChunk> {
    const answer = new AnswerStream(feed, { ...question, agent: this.#options.agent ?? null });
    const stop = (): void => {
      answer.end();
      void this.#stop(conversation, answer.run);
    };
    signal?.addEventListener('abort', stop, { once: true });
    void answer.over.then(() => signal?.removeEventListener('abort', stop));
    if (signal?.aborted === true) stop();
    return answer.readable;
  }

  /** The run that is answering; before it has begun, whatever its agent does. */
  async #stop(conversation: Conversation, run: string | null): Promise<void> {
    const { onStop = 'cancel', agent, onProblem } = this.#options;
    if (onStop === 'leave') return;
    const whose = run !== null ? { run } : agent === undefined ? {} : { target: agent };
    try {
      await conversation.control(`stream.${onStop}`, { ...whose, reason: 'stopped by the reader' });
    } catch (error) {
      if (error instanceof ParleyProblem && !isDisconnected(error)) onProblem?.(error);
    }
  }
}

function metadataOf(
  given: unknown,
  own: Readonly<Record<string, unknown>>,
): NonNullable<NewMessage['metadata']> {
  return { ...(typeof given === 'object' && given !== null ? given : {}), ...own };
}

/** What makes an agent speak: a language model, or the built-in responder. */
import type { ConversationType } from '../../domain/event.ts';
import type { ConversationId, MessageId, PrincipalId, TenantId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';

/** What a character says of how its agent speaks: all together at most limits.modelCharacterCharsMax. */
export interface ModelCharacter {
  /** Instructions in place of the usual introduction; null: none. */
  readonly system: string | null;
  readonly bio: readonly string[];
  readonly style: readonly string[];
  readonly topics: readonly string[];
  readonly adjectives: readonly string[];
  /** Conversations, as it would hold them. */
  readonly examples: readonly (readonly { readonly name: string; readonly text: string }[])[];
  /** 0 to 2; null: as the model has it. */
  readonly temperature: number | null;
}

/** Who is to speak, as far as a model is told. */
export interface ModelAgent {
  readonly id: PrincipalId;
  readonly displayName: string;
  readonly jobTitle: string | null;
  readonly bio: string | null;
  /** Null: it has none. */
  readonly character: ModelCharacter | null;
}

export interface ModelMessage {
  /** `self`: the agent said it; `other`: somebody else. */
  readonly role: 'self' | 'other';
  /** Display name of who said it. */
  readonly name: string;
  /** Blank for a message without words: files alone, for instance. */
  readonly text: string;
}

export interface ModelRequest {
  readonly tenant: TenantId;
  readonly conversation: ConversationId;
  readonly type: ConversationType;
  readonly agent: ModelAgent;
  /** Id of the message that is answered: the last one of `messages`. */
  readonly message: MessageId;
  /** Oldest first; at least one. */
  readonly messages: readonly ModelMessage[];
}

export interface Model {
  /** For logs and metrics. */
  readonly name: string;
  /** It holds a dialogue, and does nothing else that it is told. */
  readonly isScripted?: true;
  /**
   * The answer in pieces, as they come. A Problem is the last thing that it yields, and says that the answer is
   * not whole: `invalid_request` where this request is refused, others where the model is not well. It never rejects; after `signal` it ends soon, and what it still yields is not heard.
   */
  answer(request: ModelRequest, signal: AbortSignal): AsyncIterable<string | Problem>;
}

/** Short titles of conversations; answered by core/agents. */
import type { ConversationType } from '../../domain/event.ts';
import type { ConversationId, MessageId, TenantId } from '../../domain/ids.ts';
import type { Problem } from '../../domain/problem.ts';
import type { ModelAgent, ModelMessage } from './model.ts';

export interface TitleRequest {
  readonly tenant: TenantId;
  readonly conversation: ConversationId;
  readonly type: ConversationType;
  /** In whose name a model is asked. */
  readonly agent: ModelAgent;
  /** Of the newest message. */
  readonly message: MessageId;
  /** Oldest first; at least one. */
  readonly messages: readonly ModelMessage[];
}

export interface ChatTitles {
  /** `unavailable`: the model failed, or took longer than limits.titleMsMax; `overloaded`: too many are being made. */
  titleOf(request: TitleRequest): Promise<string | Problem>;
}

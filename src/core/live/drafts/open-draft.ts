import type { MessageId, PrincipalId } from '../../../domain/ids.ts';

/** A message that is being streamed, as far as this node's readers have seen it. */
export interface OpenDraft {
  readonly messageId: MessageId;
  readonly run: string;
  readonly author: PrincipalId;
  /** First and last delta contained in `text`. */
  readonly from: number;
  index: number;
  text: string;
  /** Monotonic ms of the last delta: 60 s of silence mean that the agent is gone. */
  lastMs: number;
  isAbandoned: boolean;
}
